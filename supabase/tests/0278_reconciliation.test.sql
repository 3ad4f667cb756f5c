begin;
set local search_path = extensions, tests, public;
select no_plan();

-- Turns.
select isnt(service.take_turn('stripe', 600, now()), null, 'whose turn it is gets how far the books were compared');
select is(service.take_turn('stripe', 600, now()), null, 'a second one, at once, gets nothing');
select isnt(service.take_turn('stripe', 600, now() + interval '10 minutes'), null, 'until the next turn');
select service.end_turn('stripe', now() + interval '1 hour', now() + interval '1 hour');
select service.end_turn('stripe', now(), now() + interval '2 hours');
select is((select reached_at from private.reconciliation_turns where keeper = 'stripe'), now() + interval '1 hour',
	'what was compared stays compared');

-- Differences.
select service.note_difference('event_unheard', 'evt_1');
select service.note_difference('event_unheard', 'evt_1', 'heard');
select service.note_difference('event_unheard', 'evt_1');
select results_eq('select outcome, times from private.reconciliation_differences',
	$$values ('heard', 3)$$, 'a difference is one row, counts, and keeps its outcome');

-- Events.
select ring('stripe', 'evt_2', 'settle_refund', 'settle_refund:pi_0');
select is(service.unheard_events('{evt_2,evt_3}'), '{evt_3}', 'an event that came is not unheard');
select is(service.unheard_events('{}'), '{}', 'none of none');

-- Payments.
select person('anna'); select consent('anna'); select paid('anna');
select is(service.settle_unsettled((select jsonb_agg(jsonb_build_object('id', stripe_checkout_session_id)) from public.orders where status = 'paid')), '{}', 'what was granted is left alone');
select is(service.settle_unsettled('[{"id": "cs_lost"}]'), '{cs_lost}', 'a paid session that nobody settled is found');
select is((select kind from private.jobs where key = 'settle_checkout:cs_lost'), 'settle_checkout', 'and gets its job');
select is(service.settle_unsettled('[{"id": "cs_lost"}]'), '{}', 'once');
delete from private.jobs where key = 'settle_checkout:cs_lost';
select is(service.settle_unsettled('[{"id": "cs_lost"}]'), '{}', 'and not again when the job has had its say');

-- Money that comes back to us.
create function pg_temp.told(p_intent text, p_status text) returns text language sql as $$
	select service.refund_order(p_intent, 2900, 'usd', jsonb_build_array(
		jsonb_build_object('id', 're_' || p_intent, 'amount', 2900, 'status', p_status)))
$$;
update public.orders set stripe_payment_intent_id = 'pi_granted' where owner_id = md5('anna')::uuid and status = 'paid';
select pg_temp.told('pi_granted', 'succeeded'), pg_temp.told('pi_erased', 'succeeded');
select is(pg_temp.told('pi_granted', 'failed'), 'refund_failed', 'a refund of a granted order that their bank returned brings the credits back');
select is_empty($$select from private.reconciliation_differences where kind = 'refund_bounced'$$, 'and is settled by that');
select pg_temp.told('pi_erased', 'failed'), pg_temp.told('pi_erased', 'failed');
select results_eq($$select subject, outcome, times from private.reconciliation_differences where kind = 'refund_bounced'$$,
	$$values ('re_pi_erased', null::text, 1)$$, 'one of nobody''s order is an operator''s to pay out, once');
select isnt_empty($$select from service.alarms() where detail = 'refund_bounced re_pi_erased'$$, 'who is told');

-- Requests.
select is(service.compare_requests(jsonb_build_array(
	jsonb_build_object('request_id', 'r-young', 'endpoint', 'fal-ai/flux-lora', 'sent_at', now() - interval '1 hour'),
	jsonb_build_object('request_id', 'r-old', 'endpoint', 'fal-ai/flux-lora', 'sent_at', now() - interval '4 hours'))),
	1, 'a request that nobody can be waiting for any more is found');
select is((select payload from private.jobs where key = 'forget_request:r-old'),
	'{"request_id": "r-old", "running_at": "fal-ai/flux-lora"}', 'and is stopped and deleted there');
select is_empty($$select from private.jobs where key = 'forget_request:r-young'$$, 'one whose answer may be lost is left to its own job');
select is((select outcome from private.reconciliation_differences where subject = 'r-old'), 'deleting', 'with a row that says so');

select act_as('anna');
select throws_ok('select service.take_turn(''fal'', 0)', '42501', 'permission denied for schema service', 'no person takes turns');
reset role;

select * from finish();
rollback;
