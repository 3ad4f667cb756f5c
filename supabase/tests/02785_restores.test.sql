begin;
set local search_path = extensions, tests, public;
select no_plan();

select person('anna'); select consent('anna'); select person('bert');
select set_config('tests.order', gen_random_uuid()::text, true);
create function pg_temp.recover(p_email text, p_amount integer default 4900) returns text language sql as $$
	select service.recover_order(current_setting('tests.order')::uuid, 'cs_1', 'pi_1', 'cus_1', p_email, p_amount, 'usd')
$$;

select is(pg_temp.recover('anna@example.com'), 'unclear', 'without a restore no payment makes an order');
select is_empty('select from public.orders', 'none at all');

update private.serving set restored_at = now();
select is(pg_temp.recover('anna@example.com', 1), 'unclear', 'an amount that is no offer''s is for somebody to look at');
select is((select outcome from private.reconciliation_differences), null, 'openly');
select set_config('tests.shoot', draft('anna', 'signature')::text, true);
select is(pg_temp.recover('anna@example.com'), 'recovered', 'a payer who is there gets the order back');
select results_eq('select owner_id, offer_id, shoot_id, status::text from public.orders',
	$$select person('anna'), 'signature', current_setting('tests.shoot')::uuid, 'pending'$$, 'for the draft that was paid for');
select is(pg_temp.recover('anna@example.com'), 'known', 'once');
select is(settle(current_setting('tests.shoot')::uuid, 'cs_1'), 'granted', 'and it is granted like any other');
select is((select status::text from public.shoots), 'paid', 'so that the shoot goes on');

select set_config('tests.order', gen_random_uuid()::text, true);
select is(service.recover_order(current_setting('tests.order')::uuid, 'cs_2', 'pi_2', 'cus_2', 'gone@example.com', 2900, 'usd'),
	'no_account', 'a payer who is gone gets the money back');
select is((select unpaid_session_id from private.payment_records), 'cs_2', 'with a record of it');

select set_config('tests.order', gen_random_uuid()::text, true);
select is(service.recover_order(current_setting('tests.order')::uuid, 'cs_3', 'pi_3', 'cus_' || person('anna'), 'other@example.com', 2900, 'usd'),
	'recovered', 'a customer we know is known by that');
select is((select shoot_id from public.orders where id = current_setting('tests.order')::uuid), null, 'without a draft it is credits');

insert into private.payment_records (payer_ref, offer_id, amount, currency, paid_at, stripe_payment_intent_id, keep_until)
values (gen_random_uuid(), 'essential', 2900, 'usd', now(), 'pi_erased', now() + interval '7 years');
select is(service.recover_order(gen_random_uuid(), 'cs_4', 'pi_erased', 'cus_4', 'gone@example.com', 2900, 'usd'),
	'known', 'a payment of an account that was erased is left as it was settled then');

-- What is left of them at Stripe.
select is(service.forget_payer('cus_' || person('anna'), 'other@example.com', now() + interval '90 days'), false, 'a customer we know stays');
select is(service.forget_payer('cus_9', 'Anna@example.com', now() + interval '90 days'), false, 'and one with an address we know');
select is_empty($$select from private.jobs where kind = 'redact_customer'$$, 'nothing is planned for them');
select is(service.forget_payer('cus_2', 'gone@example.com', now() + interval '90 days'), true, 'nobody''s goes');
select record_redaction from service.record_redaction('cus_2', 'prj_1');
select is(service.forget_payer('cus_2', 'gone@example.com', now() + interval '91 days'), true, 'also when it is asked again');
select results_eq($$select payload ->> 'redaction_id', run_at = now() + interval '90 days', revision from private.jobs where kind = 'redact_customer'$$,
	$$values ('prj_1', true, 1)$$, 'and its redaction is planned once');
select is(service.forget_payer('cus_8', null), true, 'where Stripe redacts nothing for us, nothing is planned');
select is((select count(*) from private.jobs where kind = 'redact_customer'), 1::bigint, 'for nobody');

select act_as('anna');
select throws_ok('select service.open_doors()', '42501', 'permission denied for schema service', 'no person opens doors');
reset role;

select * from finish();
rollback;
