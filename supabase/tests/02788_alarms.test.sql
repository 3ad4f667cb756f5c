begin;
set local search_path = extensions, tests, public;
select no_plan();

-- Whatever day it is: these have been looked at.
update private.review_dates set until = current_date + 300;
select is_empty('select * from service.alarms()', 'with nothing wrong there is no alarm');

-- Of each kind: it rings when it is so, alone; is mailed once, and again the next day; ends with what was wrong.
create temporary table tried (kind service.alarm_kind);
create function pg_temp.mailed(p_kind service.alarm_kind, as_of timestamptz) returns integer language sql as $$
	select count(*)::integer from jsonb_array_elements(service.alarms_to_mail(as_of)) as a where a ->> 'kind' = p_kind::text
$$;
create function pg_temp.rings(p_kind service.alarm_kind, p_opens text, p_ends text) returns setof text language plpgsql as $$
begin
	insert into tried values (p_kind);
	execute p_opens;
	return next results_eq('select kind from service.alarms()', array[p_kind], p_kind || ' rings when it is so, and nothing else does');
	return next is(pg_temp.mailed(p_kind, now()), 1, p_kind || ' is mailed');
	return next is(service.alarms_to_mail(now() + interval '1 minute'), '[]', p_kind || ' once');
	execute p_ends;
	return next is_empty('select * from service.alarms()', p_kind || ' ends with what was wrong');
	return next is(service.alarms_to_mail(), '[]', p_kind || ' is not mailed any more');
	return next is_empty('select from private.alarm_mails', p_kind || ' is forgotten');
end $$;
-- Takes up what is due and does it, or gives it up.
create function pg_temp.work(p_end text, as_of timestamptz default now()) returns void language plpgsql as $$
declare
	v_job record;
begin
	for v_job in select * from service.claim_jobs(100, 60, 100, as_of) loop
		case p_end
			when 'done' then perform service.finish_job(v_job.id, v_job.lease_token, as_of);
			else perform service.retry_job(v_job.id, v_job.lease_token, 'not to be done', null, as_of);
		end case;
	end loop;
end $$;

select pg_temp.rings('isolation', 'create table public.leak (owner_id uuid, secret text)',
	'alter table public.leak enable row level security');
select pg_temp.rings('isolation', 'create policy everybody on public.leak for select to authenticated using (true)',
	'drop table public.leak');
select pg_temp.rings('isolation', $$update storage.buckets set public = true where id = 'photos'$$,
	'update storage.buckets set public = false');

insert into private.job_kinds values ('settle_refund', 10, 1) on conflict (kind) do update set max_attempts = 1;
select pg_temp.rings('dead_job',
	$$select service.enqueue_job('settle_refund:pi', 'settle_refund', '{"payment_intent_id": "pi"}'); select pg_temp.work('given up')$$,
	$$select ops.retry_job(job_id, 'It is mended.') from ops.dead_letters; select pg_temp.work('done')$$);
select pg_temp.rings('late_work',
	$$select service.enqueue_job('settle_refund:pi', 'settle_refund', '{"payment_intent_id": "pi"}', now() - interval '16 minutes')$$,
	$$select pg_temp.work('done')$$);
insert into private.jobs (key, kind, payload, priority, run_at, max_attempts)
select kind || ':waiting', kind, '{}', 1, now() - interval '2 hours', 9 from unnest(array['submit_generation', 'make_portrait']) as kind;
select is_empty('select * from service.alarms()', 'what waits for room at a provider may wait');
select is((service.health() ->> 'oldestDueSeconds')::integer, 0, 'and is not late for a monitor');
delete from private.jobs where key like '%:waiting';
select pg_temp.rings('difference', $$select service.note_difference('payment_unclear', 'cs_odd')$$,
	$$select ops.close_difference('payment_unclear', 'cs_odd', 'A test payment of ours.')$$);
select pg_temp.rings('books_not_compared', $$select service.take_turn('stripe', 600, now() - interval '7 hours')$$,
	$$select service.take_turn('stripe', 600), service.end_turn('stripe', now())$$);
select pg_temp.rings('doors_closed', $$select ops.close_doors('A restore is about to begin.')$$,
	$$select service.begin_drill(), service.replay_tombstones('[]'), service.open_doors()$$);
select pg_temp.rings('ledger', $$select consent('lena'); select paid('lena'); update public.credit_balances set available = available + 1 where owner_id = person('lena') and unit = 'headshot'$$,
	$$update public.credit_balances set available = available - 1 where owner_id = person('lena') and unit = 'headshot'; select pg_temp.work('done')$$);
select pg_temp.rings('photos_past_their_time',
	$$select upload(id, 2) from public.shoots; update public.photos set keep_until = now() - interval '61 minutes'$$,
	$$select service.expire_due(10)$$);

select person('anna');
select pg_temp.rings('request_urgent', $$select private.enter_request('anna@example.com', 'access', null, now() - interval '24 days')$$,
	$$select private.close_request(id, 'done') from private.requests_to_answer$$);
select pg_temp.rings('request_overdue', $$select private.enter_request('anna@example.com', 'access', null, now() - interval '31 days')$$,
	$$select private.close_request(id, 'done') from private.requests_to_answer$$);

update private.review_dates set until = current_date + 31 where what in ('stripe', 'fal');
select pg_temp.rings('review_due', $$update private.review_dates set until = current_date + 30 where what = 'fal'$$,
	$$update private.review_dates set until = current_date + 300$$);
select pg_temp.rings('review_due', $$update private.review_dates set until = current_date - 1 where what = 'security.txt'$$,
	$$update private.review_dates set until = current_date + 300$$);
update private.review_dates set until = current_date - 1 where what = 'r2';
select is_empty('select * from service.alarms()', 'of a company that is off there is nothing to look at');

-- Half of its thirty days are over.
select pg_temp.rings('erasure_late',
	$$select service.request_erasure(person('anna'), 'account', as_of => now() - interval '15 days'); select service.sweep_erasures()$$,
	$$select service.complete_erasure_step(e.id, kind, '{}') from private.erasures e, private.erasure_steps where erasure_id = e.id;
		select service.issue_receipt(id, 'active_erased', 'signed', now() + interval '30 days') from private.erasures$$);
select pg_temp.rings('redaction_late',
	$$select service.enqueue_job('redact_customer:cus', 'redact_customer', jsonb_build_object('customer_id', 'cus', 'redactable_at', now() - interval '15 days'))$$,
	$$select pg_temp.work('done')$$);

select pg_temp.rings('guessing',
	$$insert into public.sign_in_attempts (kind, email, address)
		select 'code_tried', n || '@example.com', '203.0.113.7' from generate_series(1, 61) as n$$,
	$$update public.sign_in_attempts set at = at - interval '15 minutes'$$);

select is_empty('select unnest(enum_range(null::service.alarm_kind)) except select kind from tried', 'no kind is without its case');

-- What it says names nobody; and what still stands is mailed again the next day.
select private.enter_request('lena@example.com', 'access', null, now() - interval '24 days');
select unalike((select detail from service.alarms()), '%@%', 'a request rings without saying whose');
select is(pg_temp.mailed('request_urgent', now()), 1, 'it is mailed');
select is(pg_temp.mailed('request_urgent', now() + interval '23 hours'), 0, 'not again the same day');
select is(pg_temp.mailed('request_urgent', now() + interval '25 hours'), 1, 'and again the next');

select act_as('anna');
select throws_ok('select service.alarms()', '42501', 'permission denied for schema service', 'no person asks for them');
reset role;

select * from finish();
rollback;
