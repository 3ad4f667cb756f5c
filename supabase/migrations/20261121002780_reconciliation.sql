-- Reconciliation: what others have on their books is compared with ours, in turns, and every difference is a row
-- that says what became of it. One without an outcome is somebody's to look at.

create table private.reconciliation_turns (
	keeper text primary key constraint reconciliation_turns_keeper_is_known check (keeper in ('stripe', 'fal', 'drill')),
	reached_at timestamptz not null,
	taken_at timestamptz,
	ended_at timestamptz
);
comment on table private.reconciliation_turns is
	'Whose books, how far they have been compared (reached_at), and when last: a turn that was taken and not ended is taken again.';

insert into private.reconciliation_turns (keeper, reached_at)
values ('stripe', now()), ('fal', now()), ('drill', now());

create table private.reconciliation_differences (
	kind text not null,
	subject text not null,
	outcome text,
	found_at timestamptz not null,
	seen_at timestamptz not null,
	times integer not null default 1,
	primary key (kind, subject)
);
comment on table private.reconciliation_differences is
	'What was found on one side only. The subject is an id of the vendor''s or of a row of ours: no key, no name.';
comment on column private.reconciliation_differences.outcome is 'What became of it; null: open, and an alarm.';
create index reconciliation_differences_open on private.reconciliation_differences (found_at) where outcome is null;

create function service.take_turn(p_keeper text, p_every_seconds integer, as_of timestamptz default now())
returns jsonb
language sql
security definer
set search_path = ''
as $$
	update private.reconciliation_turns t set taken_at = as_of
	where t.keeper = p_keeper
		and coalesce(t.taken_at, '-infinity') <= as_of - make_interval(secs => p_every_seconds)
	returning jsonb_build_object('reachedAt', t.reached_at)
$$;
comment on function service.take_turn is 'How far these books have been compared, for the one caller whose turn it is; null for everybody else.';
grant execute on function service.take_turn to service_role;

create function service.end_turn(p_keeper text, p_reached_at timestamptz, as_of timestamptz default now())
returns void
language sql
security definer
set search_path = ''
as $$
	update private.reconciliation_turns set reached_at = greatest(reached_at, p_reached_at), ended_at = as_of
	where keeper = p_keeper
$$;
grant execute on function service.end_turn to service_role;

create function service.note_difference(
	p_kind text, p_subject text, p_outcome text default null, as_of timestamptz default now()
)
returns void
language sql
security definer
set search_path = ''
as $$
	insert into private.reconciliation_differences as d (kind, subject, outcome, found_at, seen_at)
	values (p_kind, p_subject, p_outcome, as_of, as_of)
	on conflict (kind, subject) do update
		set outcome = coalesce(excluded.outcome, d.outcome), seen_at = excluded.seen_at, times = d.times + 1
$$;
comment on function service.note_difference is 'Once for each subject; found again it counts. An outcome, once there, stays.';
grant execute on function service.note_difference to service_role;

create function private.note_bounced_refund()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
	-- Of an order that was granted the credits come back with it.
	if not exists (
		select from public.orders o
		where o.stripe_payment_intent_id = new.stripe_payment_intent_id
			and o.owner_id is not null and o.status in ('paid', 'refunded')
	) then
		perform service.note_difference('refund_bounced', new.stripe_refund_id, null, (
			select r.recorded_at from private.payment_refunds r
			where r.stripe_payment_intent_id = new.stripe_payment_intent_id));
	end if;
	return null;
end $$;
comment on function private.note_bounced_refund is
	'Money that went back for good (a second use of a code, an erased account) and that their bank returned: nobody but an operator can pay it out. By the refund''s id, which an erasure leaves.';

create trigger payment_refund_parts_bounce
	after insert or update of status on private.payment_refund_parts
	for each row when (new.status = 'failed')
	execute function private.note_bounced_refund();

create function service.unheard_events(p_event_ids text[])
returns text[]
language sql
stable
security definer
set search_path = ''
as $$
	select coalesce(array_agg(asked.id), '{}')
	from unnest(p_event_ids) as asked (id)
	where not exists (
		select from private.webhook_events w where w.source = 'stripe' and w.external_id = asked.id)
$$;
comment on function service.unheard_events is 'Of these events the ones that are not in the inbox.';
grant execute on function service.unheard_events to service_role;

create function service.settle_unsettled(p_sessions jsonb, as_of timestamptz default now())
returns text[]
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_unsettled text[];
begin
	-- By key, as a crowd of webhooks wakes them.
	select coalesce(array_agg(asked.id order by asked.id), '{}') into v_unsettled
	from jsonb_to_recordset(p_sessions) as asked (id text, payment_intent_id text)
	where not exists (
			select from public.orders o
			where o.stripe_checkout_session_id = asked.id and o.status in ('paid', 'refunded', 'mismatched'))
		and not exists (
			select from public.subscriptions s
			where s.stripe_checkout_session_id = asked.id and s.status not in ('pending', 'expired'))
		and not exists (
			select from private.payment_records p
			where p.stripe_payment_intent_id = asked.payment_intent_id)
		and not exists (select from private.jobs j where j.key = 'settle_checkout:' || asked.id and j.dead_at is null)
		and not exists (select from private.reconciliation_differences d
			where d.kind = 'payment_unsettled' and d.subject = asked.id and d.seen_at > as_of - interval '7 days');
	perform service.enqueue_job('settle_checkout:' || id, 'settle_checkout', jsonb_build_object('session_id', id), as_of),
		service.note_difference('payment_unsettled', id, 'settling', as_of)
	from unnest(v_unsettled) as id;
	return v_unsettled;
end $$;
comment on function service.settle_unsettled is
	'Of these paid sessions the ones that no order of ours has settled, nor one of an erased account: each gets its job. One that was given it a week ago at most is left.';
grant execute on function service.settle_unsettled to service_role;

create function service.compare_requests(p_requests jsonb, as_of timestamptz default now())
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_request record;
	v_found integer := 0;
begin
	for v_request in
		select asked.request_id, asked.endpoint,
			case when r.request_id is null then 'request_unknown' else 'request_kept' end as kind
		from jsonb_to_recordset(p_requests) as asked (request_id text, endpoint text, sent_at timestamptz)
		left join private.provider_requests r on r.provider = 'fal' and r.request_id = asked.request_id
		where not exists (
				select from private.jobs j where j.key = 'forget_request:' || asked.request_id)
			and case
				-- Told to delete, said yes, and has it still.
				when r.forgotten_at is not null then r.forgotten_at < as_of - interval '1 hour'
				-- Ended here, and its deletion was lost.
				when r.request_id is not null then asked.sent_at < as_of - interval '6 hours'
					and not exists (select from public.trainings t
						where t.id = r.training_id and t.status in ('queued', 'running'))
					and not exists (select from public.generations g
						where g.id = r.generation_id and g.status in ('queued', 'running'))
				-- A submit whose answer was lost is looked for by its own job, and by an erasure, until it must have ended.
				else asked.sent_at < as_of - interval '3 hours'
			end
		order by asked.request_id
	loop
		perform service.enqueue_job('forget_request:' || v_request.request_id, 'forget_request', jsonb_build_object(
			'request_id', v_request.request_id, 'running_at', v_request.endpoint), as_of);
		perform service.note_difference(v_request.kind, v_request.request_id, 'deleting', as_of);
		v_found := v_found + 1;
	end loop;
	return v_found;
end $$;
comment on function service.compare_requests is
	'Of what the provider lists and still holds: what nobody here knows, or what should be gone, is stopped and deleted there. Answers how many.';
grant execute on function service.compare_requests to service_role;
