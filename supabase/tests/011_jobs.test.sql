begin;
set local search_path = extensions, tests, public;
select no_plan();

create function pg_temp.mail_job(p_key text, p_run_at timestamptz default now(), p_priority integer default null) returns void language sql as $$
	select service.enqueue_job(p_key, 'send_mail', '{"mail_id": "00000000-0000-4000-8000-000000000001"}', p_run_at, p_priority)
$$;
create temp table mine (
	id uuid, kind text, payload jsonb, lease_token uuid, attempt integer, max_attempts integer, request_id uuid, shoot_id uuid);
create function pg_temp.claim(as_of timestamptz default now(), p_limit integer default 10, p_capacity integer default 0) returns bigint language sql as $$
	delete from mine;
	insert into mine select * from service.claim_jobs(p_limit, 60, p_capacity, as_of);
	select count(*) from mine
$$;
create function pg_temp.submits() returns bigint language sql as $$ select count(*) from mine where kind = 'submit_generation' $$;

-- Order, time, lease.
select pg_temp.mail_job('late', now() + interval '1 hour'), pg_temp.mail_job('plain'), pg_temp.mail_job('urgent', now(), 1);
select results_eq($$select j.key from service.claim_jobs(10, 60, 0) with ordinality as c (id, kind, payload, lease_token, attempt, max_attempts, request_id, shoot_id, n)
	join private.jobs j on j.id = c.id order by n$$, $$values ('urgent'), ('plain')$$, 'what is due comes by priority, what is not due waits');
select is(pg_temp.claim(), 0::bigint, 'what is leased is not claimed again');
select is(pg_temp.claim(now() + interval '61 seconds', 1), 1::bigint, 'until its lease has run out');
select is((select attempt from mine), 2, 'as another attempt');
select ok(not service.finish_job(id, gen_random_uuid()), 'with a token that is not the row''s nothing is finished') from mine;
select is(service.retry_job(id, gen_random_uuid(), 'x'), 'lost', 'or retried') from mine;
select ok(not service.extend_lease(id, gen_random_uuid(), 60), 'or extended') from mine;
select ok(service.extend_lease(id, lease_token, 600, now() + interval '61 seconds'), 'the holder extends') from mine;
select is((select count(*) from service.claim_jobs(10, 60, 0, now() + interval '5 minutes') c join mine using (id)), 0::bigint, 'and keeps it');
select ok(service.finish_job(id, lease_token), 'and finishes') from mine;
select ok(not service.finish_job(id, lease_token), 'once') from mine;

-- Done and claimed in one call.
select pg_temp.mail_job('first'), pg_temp.mail_job('second');
select is(pg_temp.claim(now(), 1), 1::bigint, 'a runner has one');
select is((select count(*) from service.claim_jobs(0, 60, 0, now(),
	(select jsonb_agg(jsonb_build_object('id', id, 'lease_token', gen_random_uuid())) from mine))), 0::bigint, 'claims none,');
select is((select count(*) from private.jobs j join mine using (id)), 1::bigint, 'finishes none with another''s token,');
create temp table next_one as select id from service.claim_jobs(1, 60, 0, now(),
	(select jsonb_agg(jsonb_build_object('id', id, 'lease_token', lease_token)) from mine));
select is((select count(*) from next_one n join mine using (id)), 0::bigint, 'and with its own goes on with the next');
select is((select count(*) from private.jobs j join mine using (id)), 0::bigint, 'while the first is finished, and gone');
delete from private.jobs where key in ('first', 'second', 'plain');

-- What only the clock keeps waiting.
delete from private.jobs;
select is(service.work_opens_in(0, 0, 10), null, 'nothing waits');
select pg_temp.mail_job('soon', now() + interval '5 seconds'), pg_temp.mail_job('later', now() + interval '11 seconds');
select is(service.work_opens_in(0, 0, 10), 5::double precision, 'the next try is waited for');
select is(service.work_opens_in(0, 0, 4), null, 'when it comes soon enough');
select is(service.work_opens_in(0, 0, 10, now() + interval '5.5 seconds'), 0::double precision, 'what came due since the last look is not missed');
select is(service.work_opens_in(0, 0, 5, now() + interval '6 seconds'), 5::double precision, 'what is due and was not taken waits for room, not for the clock');
select is(pg_temp.claim(now() + interval '5 seconds'), 1::bigint, 'what another runner has');
select is(service.work_opens_in(0, 0, 5, now() + interval '5 seconds'), null, 'is not waited for');
delete from private.jobs where key in ('soon', 'later');

-- Enqueued again.
select pg_temp.mail_job('urgent', now(), 1);
select results_eq($$select attempts, revision from private.jobs where key = 'urgent'$$, $$values (0, 1)$$, 'a finished job is armed again');
select is(pg_temp.claim(now(), 1), 1::bigint, 'and runs');
select pg_temp.mail_job('urgent', now(), 1);
select ok(service.finish_job(id, lease_token), 'enqueued while it runs') from mine;
select is(pg_temp.claim(now(), 1), 1::bigint, 'it runs once more');
select is((select attempt from mine), 1, 'from the first attempt');
select ok(service.finish_job(id, lease_token), 'and then no more') from mine;
select is((select count(*) from private.jobs where key = 'urgent'), 0::bigint, 'it is finished');

-- Retried, with growing distance, and given up.
delete from private.jobs;
select pg_temp.mail_job('failing');
select pg_temp.claim();
select is(service.retry_job(id, lease_token, 'no answer'), 'retrying', 'a failure is tried again') from mine;
select results_eq($$select run_at > now() and run_at <= now() + interval '2 seconds', last_error, lease_token is null from private.jobs$$,
	$$values (true, 'no answer', true)$$, 'soon at first');
update private.jobs set attempts = 12, run_at = now();
select pg_temp.claim();
select service.retry_job(id, lease_token, 'no answer') from mine;
select results_eq($$select run_at between now() + interval '225 seconds' and now() + interval '300 seconds' from private.jobs$$, $$values (true)$$, 'at most five minutes later');
update private.jobs set run_at = now();
select pg_temp.claim();
select service.retry_job(id, lease_token, 'wait', 17) from mine;
select is(run_at, now() + interval '17 seconds', 'or when the provider said') from private.jobs;
update private.jobs set run_at = now(), attempts = max_attempts - 1;
select pg_temp.claim();
select is(service.retry_job(id, lease_token, 'still no answer'), 'dead', 'after the last attempt it is dead') from mine;
select is(pg_temp.claim(now() + interval '1 day'), 0::bigint, 'and not run');
select results_eq($$select last_error, dead_at from private.jobs$$, $$values ('still no answer', now())$$, 'with its reason');
select pg_temp.mail_job('failing');
select is(pg_temp.claim(), 1::bigint, 'whoever enqueues it again brings it back');

-- A worker that dies with the last attempt in its hands.
delete from private.jobs;
select pg_temp.mail_job('deadly');
update private.jobs set attempts = max_attempts;
select pg_temp.claim();
select ok((select attempt > max_attempts from mine), 'the job comes back once more, to be given up');
select is(service.retry_job(id, lease_token, 'the worker died'), 'dead', 'and is') from mine;

-- A dead job gives back what was paid for, in the same transaction.
delete from private.jobs;
select consent('anna');
select set_config('tests.shoot', in_training('anna')::text, true);
delete from private.jobs;
select private.enqueue('collect_training', 'training_id', id::text) from public.trainings;
update private.jobs set attempts = max_attempts - 1;
select pg_temp.claim();
select is(service.retry_job(id, lease_token, 'fal is gone'), 'dead', 'a training that cannot be collected') from mine;
select results_eq($$select t.status::text, t.failure, s.status::text from public.trainings t join public.shoots s on s.id = t.shoot_id$$,
	$$values ('failed', 'unavailable', 'failed')$$, 'has failed');
select is(balance('anna', 'training'), '1+0', 'and its credit is back');

-- Generations: no more in flight than the capacity, fairly shared.
delete from private.jobs;
select consent('bert');
select generating('anna2') from consent('anna2');
select generating('bert');
select is((select count(*) from private.jobs where kind = 'submit_generation'), 40::bigint, 'two people have twenty to submit each');
select pg_temp.claim(now(), 100, 6);
select is(pg_temp.submits(), 6::bigint, 'six at a time');
select results_eq($$select count(*) from mine join public.generations g on g.id = (mine.payload ->> 'generation_id')::uuid group by owner_id$$,
	$$values (3::bigint), (3)$$, 'three of each');
create temp table first_claim as select * from mine where kind = 'submit_generation';
select is(pg_temp.claim(now(), 100, 6), 0::bigint, 'another runner gets none');
select submit((payload ->> 'generation_id')::uuid) from first_claim;
select service.finish_job(id, lease_token) from first_claim;
select is(pg_temp.claim(now(), 100, 6), 0::bigint, 'nor when they are submitted');
select deliver((payload ->> 'generation_id')::uuid) from first_claim limit 2;
select pg_temp.claim(now(), 100, 6);
select is(pg_temp.submits(), 2::bigint, 'two delivered make room for two');
select pg_temp.claim(now() + interval '10 minutes', 100, 100);
select is(pg_temp.submits(), 34::bigint, 'with room for all, all come');
select is((select count(*) from mine join private.jobs j using (id) where j.attempts = 2 and j.kind = 'submit_generation'), 2::bigint, 'those whose runner was lost, too');

-- Dead at the generator.
create temp table victim as select id, (payload ->> 'generation_id')::uuid as generation_id, lease_token from mine where kind = 'submit_generation' order by id limit 1;
update private.jobs set attempts = max_attempts where id = (select id from victim);
select is(service.retry_job(id, lease_token, 'locked'), 'dead', 'a generation that cannot be submitted') from victim;
select results_eq($$select status::text, failure from public.generations where id = (select generation_id from victim)$$, $$values ('failed', 'unavailable')$$, 'has failed');
select is((select count(*) from public.credit_entries where kind = 'release' and generation_id = (select generation_id from victim)), 1::bigint, 'and its credit is back');
select is((select count(*) from private.ledger_differences()), 0::bigint, 'the books balance');

-- A runner may ask for the picture once more before it gives the job up: that stands.
create temp table again as select id from public.generations where status = 'running' limit 1;
delete from private.jobs;
select private.enqueue('collect_generation', 'generation_id', id::text) from again;
update private.jobs set attempts = max_attempts - 1;
select pg_temp.claim();
select is(service.fail_generation(id, 'unavailable', true), 'retrying', 'a last attempt that asks once more') from again;
select is(service.retry_job(id, lease_token, 'no answer'), 'dead', 'ends the old request only') from mine;
select is(status::text, 'queued', 'the new one stands') from public.generations where id = (select id from again);

-- Every claim reads an index.
create temp table plan (line text);
set local enable_seqscan = off;
do $$
declare
	v_line text;
begin
	for v_line in explain select id from private.jobs where dead_at is null and kind not in ('submit_generation', 'make_portrait')
		and run_at <= now() order by priority, run_at limit 4 for update skip locked
	loop insert into plan values (v_line); end loop;
end $$;
select ok(exists (select from plan where line like '%jobs_due%') and not exists (select from plan where line like '%Sort%'), 'what is due is read in order off an index');

-- Nobody but the server.
select act_as('anna');
select throws_ok($$select from private.jobs$$, '42501', 'permission denied for schema private', 'no person sees jobs');
select throws_ok($$select service.claim_jobs(1, 1, 1)$$, '42501', 'permission denied for schema service', 'or claims one');
select act_as_role('anon');
select throws_ok($$select service.enqueue_job('k', 'send_mail', '{}')$$, '42501', 'permission denied for schema service', 'nor does anon enqueue');
select act_as_role('service_role');
select throws_ok($$delete from private.jobs$$, '42501', 'permission denied for schema private', 'the service role has the functions, not the table');
select lives_ok($$select service.claim_jobs(1, 1, 1)$$, 'which it may call');
reset role;

select * from finish();
rollback;
