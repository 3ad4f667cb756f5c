-- Jobs: work to be done later, claimed under a lease by any number of runners.
--   A lease is fenced by its token: who lost it can finish or retry nothing.
--   A job enqueued again while it runs gets a new revision, and runs once more.
--   What cannot be done is dead with a reason, and what was paid for goes back in the same transaction.

create table private.job_kinds (
	kind text primary key,
	priority integer not null,
	max_attempts integer not null
);
comment on table private.job_kinds is
	'Lower priority goes first. Attempts: at the longest delay of five minutes, 25 are about two hours, 1000 three days, 10000 a month.';

insert into private.job_kinds (kind, priority, max_attempts)
values
	('settle_checkout', 10, 1000),
	('settle_refund', 10, 1000),
	('settle_subscription', 10, 1000),
	('settle_invoice', 10, 1000),
	('settle_dispute', 10, 1000),
	('send_refund', 10, 1000),
	('end_subscription', 10, 1000),
	('start_training', 20, 25),
	('collect_training', 20, 25),
	-- Before collecting: a provider whose queue is empty stands idle, a finished portrait waits.
	('submit_generation', 30, 25),
	-- Sends and waits: the portrait is in the answer.
	('make_portrait', 30, 25),
	('collect_generation', 40, 25),
	('send_mail', 60, 300),
	-- A deletion that was promised is never given up quietly.
	('forget_request', 70, 10000),
	('forget_delivered', 70, 10000),
	('delete_objects', 70, 10000);

create table private.jobs (
	id uuid primary key default gen_random_uuid(),
	key text not null constraint jobs_key_is_unique unique,
	-- No foreign key, which would lock the kind's row each time: a kind that is not known has no priority.
	kind text not null,
	payload jsonb not null,
	generation_id uuid generated always as ((payload ->> 'generation_id')::uuid) stored,
	priority integer not null,
	max_attempts integer not null,
	created_at timestamptz not null default now(),
	request_id uuid default private.request_id(),
	-- What changes stands last: the log of changes does not repeat what stands before it.
	run_at timestamptz not null,
	revision integer not null default 1,
	attempts integer not null default 0,
	claimed_revision integer not null default 0,
	lease_token uuid,
	leased_until timestamptz,
	claimed_at timestamptz,
	dead_at timestamptz,
	last_error text,
	constraint jobs_lease_has_token_and_end check ((lease_token is null) = (leased_until is null))
);
comment on table private.jobs is
	'What is still to be done, and what was given up; what is done is no longer here. Payloads carry ids only. The key is derived from the work: <kind>:<id>.';
comment on column private.jobs.request_id is 'The request that it comes from, for the log.';
comment on column private.jobs.claimed_revision is 'The revision that the present or last run has seen.';
-- Room on the page for the row's next versions: claiming then changes no index.
alter table private.jobs set (fillfactor = 50);
create index jobs_due on private.jobs (priority, run_at)
	where dead_at is null and kind not in ('submit_generation', 'make_portrait');
create index jobs_to_submit on private.jobs (priority, run_at)
	where dead_at is null and kind in ('submit_generation', 'make_portrait');
create index jobs_dead on private.jobs (dead_at) where dead_at is not null;

create function private.asked_by(p_request_id text)
returns uuid
language plpgsql
stable
set search_path = ''
as $$
begin
	return (select r.asked_by from private.provider_requests r
		where r.provider = 'fal' and r.request_id = p_request_id);
end $$;
comment on function private.asked_by is 'The request that a provider''s request comes from, for the log.';

create function service.enqueue_job(
	p_key text, p_kind text, p_payload jsonb, p_run_at timestamptz default now(), p_priority integer default null
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
	insert into private.jobs as j (key, kind, payload, request_id, priority, run_at, max_attempts)
	select p_key, p_kind, p_payload,
		-- What a provider rings about goes on under the number of the request that sent it there.
		coalesce(private.asked_by(p_payload ->> 'request_id'), private.request_id()),
		coalesce(p_priority, k.priority), p_run_at, k.max_attempts
	from (values (p_kind)) as asked (kind)
	left join private.job_kinds k using (kind)
	on conflict (key) do update set
		revision = j.revision + 1,
		payload = excluded.payload,
		request_id = coalesce(excluded.request_id, j.request_id),
		priority = least(j.priority, excluded.priority),
		run_at = case when j.dead_at is null then least(j.run_at, excluded.run_at) else excluded.run_at end,
		attempts = case when j.dead_at is null then j.attempts else 0 end,
		dead_at = null;
end $$;
comment on function service.enqueue_job is
	'One job per key. Arms a dead one again; one that is running will run once more.';
grant execute on function service.enqueue_job to service_role;

create function private.enqueue(p_kind text, p_id_name text, p_id text)
returns void
language plpgsql
set search_path = ''
as $$
begin
	perform service.enqueue_job(p_kind || ':' || p_id, p_kind, jsonb_build_object(p_id_name, p_id));
end $$;
comment on function private.enqueue is 'For a job about one row: enqueue(''start_training'', ''training_id'', id).';

create function private.enqueue_deletion(p_bucket text, p_keys text[])
returns void
language plpgsql
set search_path = ''
as $$
begin
	perform service.enqueue_job(
		format('delete_objects:%s:%s', p_bucket, keys[1]), 'delete_objects',
		jsonb_build_object('bucket', p_bucket, 'keys', keys))
	from (
		select array_agg(key order by position) as keys
		from unnest(p_keys) with ordinality as asked (key, position)
		group by (position - 1) / 1000
	) as batch;
end $$;
comment on function private.enqueue_deletion is 'One job for every thousand keys: as many as the Storage API takes in a call.';

create function private.shoot_of(p_payload jsonb)
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
	return coalesce(
		(select shoot_id from public.generations where id = (p_payload ->> 'generation_id')::uuid),
		(select shoot_id from public.trainings where id = (p_payload ->> 'training_id')::uuid),
		(select shoot_id from public.orders where stripe_checkout_session_id = p_payload ->> 'session_id'),
		(p_payload ->> 'shoot_id')::uuid);
end $$;
comment on function private.shoot_of is 'The shoot that a job is about, for the log.';

create function service.claim_jobs(
	p_limit integer, p_lease_seconds integer, p_generation_capacity integer, as_of timestamptz default now(),
	p_done jsonb default '[]', p_instant_limit integer default 0, p_instant_capacity integer default 0,
	p_instant_per_minute integer default 0
)
returns table (
	id uuid, kind text, payload jsonb, lease_token uuid, attempt integer, max_attempts integer,
	request_id uuid, shoot_id uuid
)
language plpgsql
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
	v_in_flight integer;
	v_is_open boolean := private.is_serving();
	v_instant_room integer := 0;
begin
	-- In the order in which a crowd of webhooks wakes jobs: neither holds what the other waits for.
	perform service.finish_job(id, lease_token, as_of)
	from (
		select done.id, done.lease_token from jsonb_to_recordset(p_done) as done (id uuid, lease_token uuid)
		join private.jobs j on j.id = done.id order by j.key
	) as finished;
	-- Most who ask find nothing: they wait for nobody. One term for each of the two indexes of what is due.
	if not exists (
		select from private.jobs j
		where j.dead_at is null and j.kind not in ('submit_generation', 'make_portrait')
			and j.run_at <= as_of and (j.leased_until is null or j.leased_until <= as_of)
		union all
		select from private.jobs j
		where j.dead_at is null and j.kind in ('submit_generation', 'make_portrait')
			and j.run_at <= as_of and (j.leased_until is null or j.leased_until <= as_of)
	) then
		return;
	end if;
	-- Counting and claiming is one step for all runners: two together never exceed the capacity.
	perform pg_advisory_xact_lock(hashtext('service.claim_jobs'));
	-- One statement, so that a generation on its way from claimed to running is counted once, not never.
	select
		(select count(*) from public.generations
			where finished_at is null and status = 'running' and engine = 'studio')
		+ (
			select count(*) from private.jobs j
			join public.generations g on g.id = j.generation_id
			where j.kind = 'submit_generation' and j.dead_at is null
				and j.leased_until > as_of and g.status = 'queued'
		)
	into v_in_flight;
	if p_instant_limit > 0 then
		v_instant_room := least(p_instant_limit,
			private.instant_room(p_instant_capacity, p_instant_per_minute, as_of));
	end if;
	return query
		with due as (
			select j.id, j.priority, j.run_at from private.jobs j
			where j.dead_at is null and j.kind not in ('submit_generation', 'make_portrait')
				and j.run_at <= as_of and (j.leased_until is null or j.leased_until <= as_of)
				-- Behind closed doors only money is settled: that is what opens them.
				and (v_is_open or j.kind like 'settle\_%')
			order by j.priority, j.run_at
			limit p_limit
			for update skip locked
		), rooms (kind, room) as (
			values ('submit_generation', least(p_limit, greatest(p_generation_capacity - v_in_flight, 0))),
				('make_portrait', v_instant_room)
		), busy as (
			-- Of both engines, and of what is about to be sent.
			select owner_id, engine, count(*) as running from public.generations
			where finished_at is null and status = 'running' group by owner_id, engine
		), queues as materialized (
			select * from private.instant_queues(p_instant_capacity, as_of) where v_instant_room > 0
		), turns as (
			-- Who has least under way goes next: one person's 120 portraits do not stand before another's first.
			select j.id, j.kind, g.owner_id, r.room, coalesce(b.running, 0) as running,
				row_number() over (partition by j.kind, g.owner_id order by j.priority, j.run_at) as next
			from private.jobs j
			join rooms r on r.kind = j.kind and r.room > 0
			left join public.generations g on g.id = j.generation_id
			left join busy b on b.owner_id = g.owner_id and b.engine = g.engine
			where j.dead_at is null and j.kind in ('submit_generation', 'make_portrait')
				and j.run_at <= as_of and (j.leased_until is null or j.leased_until <= as_of)
				and v_is_open
		), places as (
			select t.id, t.room, row_number() over (partition by t.kind order by t.running + t.next) as place
			from turns t
			left join queues q on t.kind = 'make_portrait' and q.owner_id = t.owner_id
			where q.is_paced is not true or (t.next = 1 and q.opens_at <= as_of)
		), submits as (
			select j.id, j.kind, j.priority, j.run_at from private.jobs j
			where j.id in (select p.id from places p where p.place <= p.room)
				and j.dead_at is null
			for update skip locked
		), picked as (
			-- A portrait that is waited for takes none of the places of the quick jobs.
			(
				select id from (
					select * from due union all
					select s.id, s.priority, s.run_at from submits s where s.kind = 'submit_generation'
				) as candidate
				order by priority, run_at
				limit p_limit
			)
			union all
			select s.id from submits s where s.kind = 'make_portrait'
		), claimed as (
			update private.jobs j
			set attempts = j.attempts + 1, claimed_revision = j.revision, claimed_at = as_of,
				lease_token = gen_random_uuid(), leased_until = as_of + make_interval(secs => p_lease_seconds)
			from picked
			where j.id = picked.id
			returning j.*
		)
		select id, kind, payload, lease_token, attempts, max_attempts, request_id, private.shoot_of(payload)
		from claimed order by priority, run_at;
end $$;
comment on function service.claim_jobs is
	'Finishes what the runner has done (p_done: id and lease_token of each), then: due jobs for one runner, by priority and time, under a lease. Submits of generations only while fewer than p_generation_capacity are submitted or about to be, and up to p_instant_limit portraits of the generator that answers at once as far as private.instant_room goes; both shared fairly between people, and at a long queue''s pace (private.instant_queues). A job whose lease ran out comes again, also beyond max_attempts: then to be given up with retry_job.';
grant execute on function service.claim_jobs to service_role;

create function service.work_opens_in(
	p_capacity integer, p_per_minute integer, p_patience_seconds integer, as_of timestamptz default now()
)
returns double precision
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
	-- Behind closed doors nothing is claimed, whatever the clock says.
	if not private.is_serving() then return null; end if;
	return least(
		case when p_capacity > 0 then private.instant_opens_in(p_capacity, p_per_minute, as_of) end,
		(
			select extract(epoch from greatest(run_at, as_of) - as_of) from private.jobs
			where dead_at is null and kind <> 'make_portrait' and leased_until is null
				-- What came due since the last claim; what has been due for longer waits for room, or for another runner.
				and run_at > as_of - interval '1 second' and run_at <= as_of + make_interval(secs => p_patience_seconds)
			order by run_at limit 1
		));
end $$;
comment on function service.work_opens_in is
	'Seconds until something may be done, as far as the clock decides it: a job''s try within p_patience_seconds, or a portrait of the generator that answers at once. Null when nothing waits for that.';
grant execute on function service.work_opens_in to service_role;

create function service.finish_job(p_id uuid, p_lease_token uuid, as_of timestamptz default now())
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_key text;
begin
	delete from private.jobs
	where id = p_id and lease_token = p_lease_token and revision = claimed_revision
	returning key into v_key;
	if found then
		update private.webhook_events set handled_at = as_of
		where job_key = v_key and handled_at is null;
		return true;
	end if;
	-- Enqueued again meanwhile: also if that was just now, and the deletion has waited for it.
	update private.jobs
	set run_at = as_of, attempts = 0, lease_token = null, leased_until = null, last_error = null
	where id = p_id and lease_token = p_lease_token;
	return found;
end $$;
comment on function service.finish_job is
	'False when the lease is no longer the caller''s: then nothing has changed. Enqueued again meanwhile, the job stays due.';
grant execute on function service.finish_job to service_role;

create function service.retry_job(
	p_id uuid, p_lease_token uuid, p_error text, p_delay_seconds integer default null,
	as_of timestamptz default now()
)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_job private.jobs;
begin
	select * into v_job from private.jobs where id = p_id and lease_token = p_lease_token;
	if not found then return 'lost'; end if;
	if v_job.attempts >= v_job.max_attempts then
		return private.bury_job(v_job, p_error, as_of);
	end if;
	update private.jobs
	set run_at = as_of + make_interval(secs => coalesce(p_delay_seconds, private.backoff_seconds(attempts))),
		lease_token = null, leased_until = null, last_error = left(p_error, 500)
	where id = p_id and lease_token = p_lease_token
	returning * into v_job;
	if not found then return 'lost'; end if;
	update private.webhook_events set last_error = left(p_error, 500)
	where job_key = v_job.key and handled_at is null;
	return 'retrying';
end $$;
comment on function service.retry_job is
	'Answers retrying, dead (no attempt was left; what was paid for has gone back) or lost (the lease is no longer the caller''s).';
grant execute on function service.retry_job to service_role;

create function private.backoff_seconds(p_attempts integer)
returns double precision
language sql
volatile
set search_path = ''
as $$
	-- 2 s doubling to 5 min, shortened by up to a quarter so that a crowd does not come back together.
	select least(2 * 2 ^ least(p_attempts - 1, 20), 300) * (1 - random() / 4)
$$;

create function private.bury_job(p_job private.jobs, p_error text, as_of timestamptz)
returns text
language plpgsql
set search_path = ''
as $$
declare
	v_training_id uuid := p_job.payload ->> 'training_id';
	v_shoot_id uuid;
begin
	-- The shoot before the job: the order of locks of everybody who ends a training or a generation.
	select shoot_id into v_shoot_id from public.trainings where id = v_training_id
	union all
	select shoot_id from public.generations where id = p_job.generation_id;
	if v_shoot_id is not null then perform private.lock_shoot(v_shoot_id); end if;
	update private.jobs
	set dead_at = as_of, lease_token = null, leased_until = null, last_error = left(p_error, 500)
	where id = p_job.id and lease_token = p_job.lease_token;
	if not found then return 'lost'; end if;
	update private.webhook_events set last_error = left(p_error, 500)
	where job_key = p_job.key and handled_at is null;
	if v_training_id is not null then
		perform service.fail_training(v_training_id, 'unavailable', as_of);
	elsif p_job.kind in ('submit_generation', 'make_portrait') or exists (
		-- Of a generation that was asked for once more meanwhile, only the earlier request is given up.
		select from public.generations where id = p_job.generation_id and status = 'running'
	) then
		perform service.fail_generation(p_job.generation_id, 'unavailable', false, as_of);
	end if;
	return 'dead';
end $$;

create function service.extend_lease(
	p_id uuid, p_lease_token uuid, p_lease_seconds integer, as_of timestamptz default now()
)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
	update private.jobs set leased_until = as_of + make_interval(secs => p_lease_seconds)
	where id = p_id and lease_token = p_lease_token;
	return found;
end $$;
comment on function service.extend_lease is 'False when the lease is no longer the caller''s.';
grant execute on function service.extend_lease to service_role;
