begin;
set local search_path = extensions, tests, public;
select no_plan();

create function pg_temp.ring(p_id text, as_of timestamptz default now()) returns boolean language sql as $$
	select tests.ring('stripe', p_id, 'settle_checkout', 'settle_checkout:cs_1', '{"session_id": "cs_1"}', as_of)
$$;
grant execute on function pg_temp.ring to public;
select act_as_role('service_role');
select ok(pg_temp.ring('evt_1'), 'an event is noted');
select ok(not pg_temp.ring('evt_1'), 'once');
reset role;
select results_eq('select open_jobs()', $$values ('settle_checkout')$$, 'with its job');
select is(revision, 1, 'which the second ring did not touch') from private.jobs;
select ok(ring('fal', 'evt_1', 'collect_training', 'collect_training:1', '{"training_id": "00000000-0000-4000-8000-000000000001"}'),
	'another source has ids of its own');
select is(service.record_webhook_events($$[
	{"source": "fal", "external_id": "evt_3", "type": "x", "payload": {}, "job_kind": "send_mail", "job_key": "b", "job_payload": {}},
	{"source": "fal", "external_id": "evt_2", "type": "x", "payload": {}, "job_kind": "send_mail", "job_key": "a", "job_payload": {}},
	{"source": "fal", "external_id": "evt_3", "type": "x", "payload": {}, "job_kind": "send_mail", "job_key": "b", "job_payload": {}},
	{"source": "fal", "external_id": "evt_1", "type": "x", "payload": {}, "job_kind": "send_mail", "job_key": "c", "job_payload": {}},
	{"source": "fal", "external_id": "evt_4", "type": "x", "payload": {}, "job_kind": "send_mail", "job_key": "b", "job_payload": {"mail_id": "later"}}
]$$), '[true, true, false, false, true]', 'a crowd is noted at once, and each is told whether it was new');
select results_eq($$select external_id, job_key, (select revision from private.jobs j where j.key = job_key) from private.webhook_events
	where external_id in ('evt_2', 'evt_3', 'evt_4') order by 1$$, $$values ('evt_2', 'a', 1), ('evt_3', 'b', 1), ('evt_4', 'b', 1)$$,
	'each once, and two about the same thing wake one job');
select is((select payload from private.jobs where key = 'b'), '{"mail_id": "later"}', 'which knows what was said last');
select is_empty($$select from private.jobs where key = 'c'$$, 'what is known wakes nobody');
select throws_ok($$select service.record_webhook_events('[
	{"source": "fal", "external_id": "evt_5", "type": "x", "payload": {}, "job_kind": "send_mail", "job_key": "d", "job_payload": {}},
	{"source": "fal", "external_id": "evt_6", "type": "x", "payload": {}, "job_kind": "sell_data", "job_key": "e", "job_payload": {}}
]')$$, '23502', null, 'a crowd with one that cannot be is refused');
select is_empty($$select from private.webhook_events where external_id in ('evt_5', 'evt_6')$$, 'and none of it is noted');
select throws_ok($$select ring('gemini', 'e', 'send_mail', 'k')$$, '23514', null, 'an unknown source is refused');
select throws_ok($$select ring('stripe', 'evt_x', 'sell_data', 'k')$$, '23502', null, 'an unknown job is refused');
select is_empty($$select from private.webhook_events where external_id = 'evt_x'$$, 'and its event is not noted: both or neither');

-- Handled only when a run that began after it has ended well.
create temp table claimed as select * from service.claim_jobs(10, 60, 0) where kind = 'settle_checkout';
select ok(pg_temp.ring('evt_2'), 'a second event comes while the job runs');
select ok(service.finish_job(id, lease_token), 'the run ends') from claimed;
select is((select count(*) from private.webhook_events where handled_at is null and source = 'stripe'), 2::bigint, 'neither is handled: the run may not have seen the second');
truncate claimed; insert into claimed select * from service.claim_jobs(10, 60, 0);
select is((select count(*) from claimed), 1::bigint, 'it runs once more');
select service.retry_job(id, lease_token, 'Stripe is down', 5) from claimed;
select results_eq($$select distinct last_error from private.webhook_events where source = 'stripe'$$, $$values ('Stripe is down')$$, 'a failure is noted with its events');
truncate claimed; insert into claimed select * from service.claim_jobs(10, 60, 0, now() + interval '10 seconds');
select service.finish_job(id, lease_token) from claimed;
select is_empty($$select from private.webhook_events where handled_at is null and source = 'stripe'$$, 'then both are handled');

select person('anna');
select act_as('anna');
select throws_ok($$select from private.webhook_events$$, '42501', 'permission denied for schema private', 'no person reaches the inbox');
select act_as_role('anon');
select throws_ok($$select pg_temp.ring('evt_9')$$, '42501', 'permission denied for schema service', 'nor rings without the server');
select act_as_role('service_role');
select throws_ok($$select from private.webhook_events$$, '42501', 'permission denied for schema private', 'nor does the service role read it');
reset role;
select is_empty($$select from private.webhook_events where external_id = 'evt_9'$$, 'nothing was noted');

select * from finish();
rollback;
