begin;
set local search_path = extensions, tests, public;
select no_plan();

select consent('anna'), consent('bert');
-- Each refund as Stripe lists it.
create function pg_temp.refund(p_intent text, p_refunded integer, p_amount integer) returns text language sql as $$
	select service.refund_order(p_intent, p_amount, 'usd', case p_refunded when 0 then '[]' else jsonb_build_array(
		jsonb_build_object('id', 're_' || p_intent || p_refunded, 'amount', p_refunded - coalesce((
			select refunded from private.payment_refunds where stripe_payment_intent_id = p_intent), 0), 'status', 'succeeded')) end)
$$;
create function pg_temp.pay(p_session text) returns text language sql as $$
	select service.settle_order(p_session_id => p_session, p_session_status => 'complete', p_payment_status => 'paid',
		p_amount_subtotal => amount, p_amount_total => amount, p_currency => 'usd', p_payment_intent_id => 'pi_' || p_session)
	from public.orders where stripe_checkout_session_id = p_session
$$;

-- One shoot that was paid on two pages.
select set_config('tests.shoot', draft('anna')::text, true);
select service.record_checkout_session(order_id, 'cs_1') from service.open_order(md5('anna')::uuid, current_setting('tests.shoot')::uuid);
update public.shoots set offer_id = 'signature' where id = current_setting('tests.shoot')::uuid;
select service.record_checkout_session(order_id, 'cs_2') from service.open_order(md5('anna')::uuid, current_setting('tests.shoot')::uuid);
select pg_temp.pay('cs_2'), pg_temp.pay('cs_1');
select is(balance('anna', 'headshot'), '80+0', 'both brought theirs');

select is(pg_temp.refund('pi_unknown', 100, 100), 'unknown_order', 'a refund of something else is nobody''s');
select is(pg_temp.refund('pi_cs_1', 1000, 2900), 'partly_refunded', 'a part is noted');
select is(refunded, 1000, 'with its amount') from public.orders where amount = 2900;
select is(balance('anna', 'headshot'), '80+0', 'and takes nothing');
select is(pg_temp.refund('pi_cs_1', 2900, 2900), 'refunded', 'the whole takes back');
select is(service.refund_order('pi_cs_1', 2900, 'usd', '[]'), 'already_refunded', 'once');
select is(balance('anna', 'headshot'), '60+0', 'what that order gave');
select is(status::text, 'paid', 'the shoot stands on the other order') from public.shoots where id = current_setting('tests.shoot')::uuid;
select is(pg_temp.refund('pi_cs_2', 4900, 4900), 'refunded', 'and ends with it');
select is(balance('anna', 'headshot') || ' ' || balance('anna', 'training'), '0+0 0+0', 'nothing is left');
select is(status::text, 'refunded', 'the shoot is over') from public.shoots where id = current_setting('tests.shoot')::uuid;
select is((select count(*) from private.mails where template = 'order_refunded'), 2::bigint, 'one mail for each');

-- The refund is told before the payment.
select set_config('tests.shoot', draft('bert')::text, true);
select service.record_checkout_session(order_id, 'cs_b') from service.open_order(md5('bert')::uuid, current_setting('tests.shoot')::uuid);
select is(pg_temp.refund('pi_cs_b', 2900, 2900), 'unknown_order', 'its payment is not known yet');
select is(pg_temp.pay('cs_b'), 'granted', 'then the payment comes');
select results_eq($$select status::text from public.orders where stripe_checkout_session_id = 'cs_b'$$, $$values ('refunded')$$, 'and is refunded at once');
select is(balance('bert', 'headshot'), '0+0', 'nothing is given away');
select is((select count(*) from private.ledger_differences()), 0::bigint, 'the books balance');

select * from finish();
rollback;
