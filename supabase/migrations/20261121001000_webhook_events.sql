-- The inbox: a webhook is a doorbell. It is noted once and its job enqueued in one transaction;
-- what it says is not believed.

create table private.webhook_events (
	source text not null constraint webhook_events_source_is_known check (source in ('stripe', 'fal')),
	external_id text not null,
	type text not null,
	payload jsonb not null,
	job_key text not null,
	received_at timestamptz not null default now(),
	handled_at timestamptz,
	last_error text,
	constraint webhook_events_are_unique_by_source_and_id primary key (source, external_id)
);
comment on table private.webhook_events is
	'Every verified event, once. Handled when the job it woke has finished after it came.';
-- Room on the page for the row when it is handled, which changes no index but the one of ranges of pages.
alter table private.webhook_events set (fillfactor = 50);
create index webhook_events_job_key on private.webhook_events (job_key);
create index webhook_events_handled on private.webhook_events using brin (handled_at);

create function service.record_webhook_events(p_events jsonb, as_of timestamptz default now())
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_are_new boolean[];
begin
	-- What is read off the vendor's list is part of the drill that opens the doors.
	if exists (
		select from jsonb_array_elements(p_events) as event where not coalesce((event ->> 'is_listed')::boolean, false)
	) then
		perform private.require_serving();
	end if;
	-- Two crowds with the same events, or that wake the same jobs, take them in the same order.
	with rung as (
		select position, event ->> 'source' as source, event ->> 'external_id' as external_id, event,
			row_number() over (partition by event ->> 'source', event ->> 'external_id' order by position) as time
		from jsonb_array_elements(p_events) with ordinality as e (event, position)
	), noted as (
		insert into private.webhook_events (source, external_id, type, payload, job_key, received_at)
		select source, external_id, event ->> 'type', event -> 'payload', event ->> 'job_key', as_of
		from rung where time = 1 order by source, external_id
		on conflict do nothing
		returning source, external_id
	)
	select array_agg(time = 1 and (source, external_id) in (select * from noted) order by position) into v_are_new
	from rung;
	perform service.enqueue_job(job_key, job_kind, job_payload, as_of)
	from (
		select distinct on (event ->> 'job_key') event ->> 'job_key' as job_key, event ->> 'job_kind' as job_kind,
			event -> 'job_payload' as job_payload
		from jsonb_array_elements(p_events) with ordinality as e (event, position)
		where v_are_new[position]
		order by event ->> 'job_key', position desc
	) as woken;
	return to_jsonb(v_are_new);
end $$;
comment on function service.record_webhook_events is
	'A crowd of events in one round trip: all are noted with their jobs, or none. Answers for each, in their order, whether it was new: for one that was there already nothing is enqueued. While the doors are closed a crowd is noted only when all of it was read off a list (is_listed); else it is refused (503), and rings again.';
grant execute on function service.record_webhook_events to service_role;
