begin;
set local search_path = extensions, tests, public;
select no_plan();

select consent('bert');
create temporary table shoots_of_anna as select * from busy('anna');
create temporary table request as select service.request_erasure(md5('anna')::uuid, 'account') as id;

select is((select count(*) from private.payment_records), 4::bigint, 'payments stay: three paid, one on its way');
select is((select count(distinct payer_ref) from private.payment_records), 1::bigint, 'of one payer');
select is((select count(*) from private.payment_records where payer_ref in (md5('anna')::uuid, (select id from request))), 0::bigint, 'whom nothing names');
select is(keep_until, paid_at + interval '7 years', 'for seven years') from private.payment_records where paid_at is not null limit 1;

-- The payment that was on its way.
select is(service.settle_order('cs_till', 'complete', 'paid', 2900, 2900, 'usd', null, 'cus_x', 'pi_till', null), 'unknown_order', 'a payment grants nothing');
select ok(service.is_erased_payment('cs_till'), 'it is known');
select ok(service.settle_erased_payment('cs_till', 'pi_till', 2900, 2900), 'it came, and went back');
select is((select count(*) from private.payment_records where unpaid_session_id is not null), 0::bigint, 'it is a payment like the others now');
select ok(not service.settle_erased_payment('cs_till'), 'its last word is heard once');
select service.refund_order('pi_cs_' || unused, 2900, 'usd', jsonb_build_array(jsonb_build_object('id', 're_' || 'pi_cs_' || unused, 'amount', 2900, 'status', 'succeeded'))) from shoots_of_anna;
select is(r.refunded, 2900, 'a refund that is told later is noted') from private.payment_records r, shoots_of_anna s where r.stripe_payment_intent_id = 'pi_cs_' || s.unused;
select count(*) from service.sweep_erasures(now() + interval '7 years 1 day') d;
select is_empty($$select from private.payment_records$$, 'payments seven');

select act_as_role('authenticated');
select throws_ok($$select from private.payment_records$$, '42501', null, 'nor see what is kept');
reset role;

select * from finish();
rollback;
