begin;
set local search_path = extensions, tests, public;
select no_plan();

select person('anna'), person('bert'), consent('anna'), consent('bert');
create function pg_temp.told(p_order uuid, p_status text, p_refund uuid default null, p_amount integer default null) returns text language sql as $$
	select service.refund_order(o.stripe_payment_intent_id, o.charged, 'usd', jsonb_build_array(jsonb_build_object(
		'id', 're_' || coalesce(p_refund::text, 'hand'), 'amount', coalesce(p_amount, (select amount from public.refunds where id = p_refund)),
		'status', p_status, 'refund_id', p_refund)))
	from public.orders o where id = p_order
$$;

-- A whole pack that was not used.
select set_config('tests.shoot', paid('anna')::text, true);
select set_config('tests.order', (select id from public.orders)::text, true);
select results_eq($$select q ->> 'kind', q ->> 'amount', q ->> 'portraits' from jsonb_array_elements(service.refund_quotes(md5('anna')::uuid)) q$$,
	$$values ('whole', '2900', '20')$$, 'what one would get stands there before');
select throws_ok($$select service.ask_refund(md5('bert')::uuid, current_setting('tests.order')::uuid)$$, 'PT404', 'There is no such order.', 'of one''s own');
select throws_ok($$select service.ask_refund(md5('anna')::uuid, current_setting('tests.order')::uuid, now() + interval '15 days')$$, 'PT409', 'The 14 days for a refund are over.', 'within 14 days');
select is(balance('anna', 'headshot'), '20+0', 'a refusal takes nothing');
select act_as_role('service_role');
select is(service.ask_refund(md5('anna')::uuid, current_setting('tests.order')::uuid) ->> 'amount', '2900', 'all of it');
reset role;
select is(service.ask_refund(md5('anna')::uuid, current_setting('tests.order')::uuid) ->> 'amount', '2900', 'a double click is the same refund');
select is((select count(*) from public.refunds), 1::bigint, 'there is one');
select is(balance('anna', 'headshot') || ' ' || balance('anna', 'training'), '0+0 0+0', 'its credits are gone at once');
select results_eq($$select payment_intent_id, amount from service.refund_to_send((select id from public.refunds))$$,
	$$select stripe_payment_intent_id, 2900 from public.orders$$, 'and its money is to be sent');
select is(pg_temp.told(current_setting('tests.order')::uuid, 'succeeded', (select id from public.refunds)), 'refunded', 'Stripe has sent it');
select is(status, 'returned', 'the row says so') from public.refunds;
select is_empty($$select from service.refund_to_send((select id from public.refunds))$$, 'it is not sent again');
select is(status::text, 'refunded', 'the shoot is over') from public.shoots;
-- It fails later.
select is(pg_temp.told(current_setting('tests.order')::uuid, 'failed', (select id from public.refunds)), 'refund_failed', 'the bank sends it back');
select is(pg_temp.told(current_setting('tests.order')::uuid, 'succeeded', (select id from public.refunds)), 'partly_refunded', 'an older word changes nothing');
select is(balance('anna', 'headshot') || ' ' || balance('anna', 'training'), '20+0 1+0', 'the credits are back');
select results_eq($$select o.status::text, r.status from public.orders o, public.refunds r$$, $$values ('paid', 'failed')$$, 'and both rows say so');
select isnt_empty($$select from private.mails where template = 'refund_failed'$$, 'so does a mail');
select is((select count(*) from private.mails where template = 'order_refunded'), 1::bigint, 'and the refund was told once');
select is((select count(*) from private.ledger_differences()), 0::bigint, 'the books balance');

-- A part: the model counts for 30 per cent, the portraits share the rest.
select set_config('tests.shoot', generating('bert')::text, true);
select set_config('tests.order', (select id from public.orders where owner_id = md5('bert')::uuid)::text, true);
select submit(id), deliver(id) from (select id from public.generations order by id limit 5) as first_five;
select service.fail_generation(id, 'unavailable', false) from public.generations where status = 'queued';
select is(balance('bert', 'headshot'), '15+0', 'five were delivered, fifteen came back');
select results_eq($$select kind, amount, portraits from private.refund_quote((select o from public.orders o where id = current_setting('tests.order')::uuid), now())$$,
	$$values ('unused', 1522, 15)$$, '70 per cent of 2900, for 15 of 20');
select is(service.ask_refund(md5('bert')::uuid, current_setting('tests.order')::uuid) ->> 'portraits', '15', 'fifteen are taken');
select is(pg_temp.told(current_setting('tests.order')::uuid, 'succeeded', (select id from public.refunds where owner_id = md5('bert')::uuid)), 'partly_refunded', 'a part was returned');
select results_eq($$select refunded, status::text from public.orders where id = current_setting('tests.order')::uuid$$, $$values (1522, 'paid')$$, 'the order stands');
select is(status::text, 'ready', 'and so does the gallery') from public.shoots where id = current_setting('tests.shoot')::uuid;
select throws_ok($$select ops.refund(current_setting('tests.order')::uuid, 2000, 'Because we say so')$$, 'PT409', null, 'nobody gives more than there is');
select throws_ok($$select ops.refund(current_setting('tests.order')::uuid, 100, 'short')$$, 'PT422', null, 'nor without a reason');
select isnt(ops.refund(current_setting('tests.order')::uuid, 300, 'We kept you waiting for a day'), null, 'the operator gives a part');
select results_eq($$select amount, asked_by, reason from public.refunds where kind = 'operator'$$,
	$$select 300, session_user::text collate "default", 'We kept you waiting for a day'$$, 'who did it and why stands in the row');
select results_eq($$select who, action, subject, reason, outcome from ops.actions$$,
	$$select session_user::text collate "default", 'refund', current_setting('tests.order'), 'We kept you waiting for a day', '300 usd asked for'$$, 'and among what was done by hand; the person''s own refund does not');
select service.record_refund_refused(id, 'charge_disputed') from public.refunds where kind = 'operator';
select is(status, 'refused', 'what Stripe refuses has ended') from public.refunds where kind = 'operator';

-- What we did not deliver.
select set_config('tests.shoot', in_training('anna')::text, true);
select service.fail_training(id, 'unavailable') from public.trainings where shoot_id = current_setting('tests.shoot')::uuid;
select set_config('tests.order', (select id from public.orders where shoot_id = current_setting('tests.shoot')::uuid)::text, true);
select results_eq($$select kind, amount, until from private.refund_quote((select o from public.orders o where id = current_setting('tests.order')::uuid), now() + interval '60 days')$$,
	$$values ('undelivered', 2900, null::timestamptz)$$, 'is asked back whole, without a deadline');
select is(private.refund_undelivered(now() + interval '6 days'), 0, 'for seven days it can be tried again');
select is(private.refund_undelivered(now() + interval '7 days'), 1, 'then it goes back by itself');
select is(private.refund_undelivered(now() + interval '8 days'), 0, 'once');
select results_eq($$select kind, asked_by, portraits from public.refunds where order_id = current_setting('tests.order')::uuid$$, $$values ('undelivered', 'deadline', 20)$$, 'with all its credits');

-- As owner, stranger, anonymous.
select act_as('anna');
select is((select count(id) from public.refunds), 2::bigint, 'a person sees their refunds');
select throws_ok($$select asked_by from public.refunds$$, '42501', null, 'not who of us did it');
select throws_ok($$insert into public.refunds (order_id) values (gen_random_uuid())$$, '42501', null, 'and makes none by writing');
select act_as_role('anon');
select throws_ok($$select id from public.refunds$$, '42501', null, 'nor does anon');
reset role;
select is((select count(*) from private.ledger_differences()), 0::bigint, 'the books balance');
select * from finish();
rollback;
