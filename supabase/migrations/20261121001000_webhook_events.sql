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
create index webhook_events_unhandled on private.webhook_events (job_key) where handled_at is null;
create index webhook_events_handled on private.webhook_events (handled_at) where handled_at is not null;

create function service.record_webhook_event(
	p_source text, p_external_id text, p_type text, p_payload jsonb,
	p_job_kind text, p_job_key text, p_job_payload jsonb,
	as_of timestamptz default now(), p_is_listed boolean default false
)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
	-- What is read off the vendor's list is part of the drill that opens the doors.
	if not p_is_listed then perform private.require_serving(); end if;
	insert into private.webhook_events (source, external_id, type, payload, job_key, received_at)
	values (p_source, p_external_id, p_type, p_payload, p_job_key, as_of)
	on conflict do nothing;
	if not found then return false; end if;
	perform service.enqueue_job(p_job_key, p_job_kind, p_job_payload, as_of);
	return true;
end $$;
comment on function service.record_webhook_event is 'False when the event was there already: then nothing is enqueued. While the doors are closed only what was read off a list (p_is_listed) is noted; the rest is refused (503), and rings again.';
grant execute on function service.record_webhook_event to service_role;

create function service.record_webhook_events(p_events jsonb, as_of timestamptz default now())
returns jsonb
language sql
security definer
set search_path = ''
as $$
	select jsonb_agg(is_new order by position)
	from (
		select position, service.record_webhook_event(
			event ->> 'source', event ->> 'external_id', event ->> 'type', event -> 'payload',
			event ->> 'job_kind', event ->> 'job_key', event -> 'job_payload', as_of,
			coalesce((event ->> 'is_listed')::boolean, false)) as is_new
		from jsonb_array_elements(p_events) with ordinality as e (event, position)
		-- Two crowds that wake the same jobs take them in the same order.
		order by event ->> 'job_key', position
	) as noted
$$;
comment on function service.record_webhook_events is
	'A crowd of events in one round trip: all are noted, or none. Answers for each, in their order, whether it was new.';
grant execute on function service.record_webhook_events to service_role;
