-- For those who run the service, in the dashboard: what is stuck, late, different, given back, earned and spent, and
-- the few things that a hand may do, each with a reason that stays. Not shown over the API. No view has a file's key,
-- an address or a name in it; ids lead to rows, not to pictures.

create table private.provider_prices (
	what text primary key,
	cents numeric(12, 4) not null,
	noted_on date not null,
	source text not null
);
comment on table private.provider_prices is
	'What others charge us, in cents of a US dollar for one (payment_share: of each cent charged). Yours to correct: margins are reckoned with it.';
insert into private.provider_prices (what, cents, noted_on, source)
values
	('training', 600, '2026-11-21', 'fal: about $0.0024 a step at 2500 steps; compare with an invoice'),
	('portrait_studio', 3.5, '2026-11-21', 'fal: $0.035 a megapixel'),
	('portrait_instant', 4, '2026-11-21', 'Gemini: $0.0336 at 1K, and the photos that are sent along'),
	('payment', 30, '2026-11-21', 'Stripe: fixed part'),
	('payment_share', 0.029, '2026-11-21', 'Stripe: 2.9 % of what was charged');

create table private.operator_actions (
	id bigint generated always as identity primary key,
	at timestamptz not null default now(),
	who text not null default session_user,
	action text not null,
	subject text not null,
	reason text not null constraint operator_actions_have_a_reason check (length(btrim(reason)) >= 10),
	outcome text not null
);
comment on table private.operator_actions is 'Who of us did what by hand, to which row, and why. Never changed, never deleted.';

create function private.keep_action()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
	raise exception using errcode = '42501', message = 'What was done stays written down.';
end $$;
create trigger operator_actions_stay
	before update or delete or truncate on private.operator_actions
	for each statement execute function private.keep_action();

create view ops.stuck_shoots as
	select s.id as shoot_id, s.status, s.status_changed_at as since,
		(select count(*) from public.trainings t where t.shoot_id = s.id and t.status in ('queued', 'running')) as trainings_open,
		(select count(*) from public.generations g where g.shoot_id = s.id and g.finished_at is null) as portraits_open,
		(select count(*) from public.generations g where g.shoot_id = s.id and g.status = 'succeeded') as portraits_made,
		(
			select j.last_error from private.jobs j
			where j.last_error is not null and private.shoot_of(j.payload) = s.id
			order by j.run_at desc limit 1
		) as last_error
	from public.shoots s
	where s.status in ('training', 'generating') and s.status_changed_at < now() - interval '2 hours';
comment on view ops.stuck_shoots is
	'Shoots that have been in the making for more than two hours. A training ends within that time by itself, delivered or given back.';

create view ops.dead_letters as
	select id as job_id, kind, dead_at, attempts, last_error, private.shoot_of(payload) as shoot_id, request_id
	from private.jobs where dead_at is not null;
comment on view ops.dead_letters is
	'Work that was given up. What was paid for it has gone back already. Again: select ops.retry_job(job_id, reason).';

create view ops.oldest_jobs as
	select kind,
		count(*) filter (where run_at <= now() and coalesce(leased_until <= now(), true)) as due,
		count(*) filter (where leased_until > now()) as running,
		count(*) filter (where run_at > now()) as later,
		min(run_at) filter (where run_at <= now() and coalesce(leased_until <= now(), true)) as oldest_due_at,
		max(attempts) as most_attempts
	from private.jobs where dead_at is null group by kind;
comment on view ops.oldest_jobs is 'What waits, by kind. submit_generation and make_portrait wait for room at the provider; everything else is due within minutes.';

create view ops.differences as
	select kind, subject, coalesce(outcome, 'open') as outcome, found_at, seen_at, times
	from private.reconciliation_differences;
comment on view ops.differences is
	'What was found on one side only: at Stripe, at fal, among files. Open ones are yours to look at; then: select ops.close_difference(kind, subject, reason).';

create view ops.turns as
	select keeper, taken_at, ended_at, reached_at, position <> '' as is_under_way from private.reconciliation_turns;
comment on view ops.turns is 'When each kind of books was last compared.';

create view ops.doors as
	select private.is_serving() as are_open, beat_at, held_at, closed_at, restored_at, opened_at from private.serving;
comment on view ops.doors is 'Whether anybody is served, and when a restore was last found and worked through.';

create view ops.erasures as
	select e.id as erasure_id, e.scope, e.origin, e.requested_at, e.due_at,
		extract(day from e.due_at - now())::integer as days_left, e.active_erased_at, e.finished_at,
		array(select s.kind from private.erasure_steps s where s.erasure_id = e.id and s.state = 'open' order by s.kind) as open_steps,
		(select max(s.attempts) from private.erasure_steps s where s.erasure_id = e.id and s.state = 'open') as attempts,
		(
			select s.last_error from private.erasure_steps s
			where s.erasure_id = e.id and s.state = 'open' and s.last_error is not null limit 1
		) as last_error
	from private.erasures e;
comment on view ops.erasures is 'Erasures against their 30 days. Steps are tried again by themselves until there is evidence.';

create view ops.credits_back as
	select date_trunc('month', created_at)::date as month, unit, kind, reason, sum(available) as credits
	from public.credit_entries
	where kind in ('release', 'refund', 'adjustment')
	group by 1, 2, 3, 4;
comment on view ops.credits_back is 'Credits that went back to people (positive) or were taken back with their money (negative), by reason.';

create view ops.refunds as
	select date_trunc('month', created_at)::date as month, kind, case when asked_by in ('person', 'deadline') then asked_by else 'by hand' end as asked_by,
		status, currency, count(*) as refunds, sum(amount) as amount, sum(portraits) as portraits
	from public.refunds group by 1, 2, 3, 4, 5;
comment on view ops.refunds is 'Money that went back, in cents, by reason: whole (nothing used), unused, undelivered, or by hand; and how it ended.';

create view ops.margins as
	select o.id as order_id, date_trunc('month', o.paid_at)::date as month, o.offer_id, o.currency, o.charged, o.refunded,
		made.trainings, made.portraits, made.asked,
		round(made.trainings * price.training + made.asked_studio * price.studio + made.asked_instant * price.instant
			+ price.payment + price.share * o.charged, 2) as cost,
		round(o.charged - o.refunded - (made.trainings * price.training + made.asked_studio * price.studio
			+ made.asked_instant * price.instant + price.payment + price.share * o.charged), 2) as margin
	from public.orders o
	cross join lateral (
		select
			(select count(*) from public.trainings t where t.shoot_id = o.shoot_id and t.submitted_at is not null) as trainings,
			count(*) filter (where g.status = 'succeeded') as portraits,
			coalesce(sum(g.attempt) filter (where g.submitted_at is not null), 0) as asked,
			coalesce(sum(g.attempt) filter (where g.submitted_at is not null and g.engine = 'studio'), 0) as asked_studio,
			coalesce(sum(g.attempt) filter (where g.submitted_at is not null and g.engine = 'instant'), 0) as asked_instant
		from public.generations g where g.shoot_id = o.shoot_id
	) as made
	cross join (
		select max(cents) filter (where what = 'training') as training,
			max(cents) filter (where what = 'portrait_studio') as studio,
			max(cents) filter (where what = 'portrait_instant') as instant,
			max(cents) filter (where what = 'payment') as payment,
			max(cents) filter (where what = 'payment_share') as share
		from private.provider_prices
	) as price
	where o.paid_at is not null;
comment on view ops.margins is
	'What each paid order brought and cost, in cents, by private.provider_prices: every request counts, also the second try and the one that failed.';

create view ops.prices as
	select what, cents, noted_on, source from private.provider_prices;
comment on view ops.prices is 'What ops.margins is reckoned with: correct it in private.provider_prices.';

create view ops.styles as
	select g.style_id, count(*) as asked,
		count(*) filter (where g.status = 'succeeded') as delivered,
		count(*) filter (where g.failure = 'flagged') as flagged,
		count(*) filter (where g.status = 'failed' and g.failure <> 'flagged') as failed,
		count(*) filter (where g.attempt > 1) as second_tries,
		count(h.id) filter (where h.is_favorite) as favourites,
		coalesce(max(back.returned), 0) as returned,
		round(count(*) filter (where g.status = 'failed')::numeric / greatest(count(*), 1), 3) as share_failed,
		round(coalesce(max(back.returned), 0)::numeric / nullif(count(*) filter (where g.status = 'succeeded'), 0), 3) as share_returned
	from public.generations g
	left join public.headshots h on h.generation_id = g.id
	left join (select style_id, count(*) as returned from public.returns group by style_id) as back on back.style_id = g.style_id
	where g.status in ('succeeded', 'failed')
	group by g.style_id;
comment on view ops.styles is 'Which styles fail: held back by the safety check, damaged, refused, or given back because they do not look like their person. A prompt that fails often is to be rewritten.';

create view ops.integrity as
	select d.subject as headshot_id, d.kind, coalesce(d.outcome, 'open') as outcome, d.found_at
	from private.reconciliation_differences d where d.kind in ('portrait_altered', 'file_missing');
comment on view ops.integrity is 'Portraits that are not the bytes that were delivered, and files that were gone.';

create view ops.actions as
	select id, at, who, action, subject, reason, outcome from private.operator_actions;
comment on view ops.actions is 'What was done by hand, by whom, and why.';

do $$
declare
	v_view text;
begin
	for v_view in select viewname from pg_catalog.pg_views where schemaname = 'ops' loop
		execute format('grant select on ops.%I to operator', v_view);
	end loop;
end $$;
-- A view's functions go by the rights of who looks.
grant execute on function private.shoot_of, private.is_serving to operator;

create function private.note_action(p_action text, p_subject text, p_reason text, p_outcome text)
returns text
language sql
set search_path = ''
as $$
	insert into private.operator_actions (action, subject, reason, outcome)
	values (p_action, p_subject, p_reason, p_outcome)
	returning outcome
$$;

-- A refund by hand is written down with the others.
create function private.note_refund_by_hand()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	insert into private.operator_actions (who, action, subject, reason, outcome)
	values (new.asked_by, 'refund', new.order_id::text, new.reason, format('%s %s asked for', new.amount, new.currency));
	return null;
end $$;
create trigger refunds_by_hand_are_noted
	after insert on public.refunds
	for each row when (new.kind = 'operator')
	execute function private.note_refund_by_hand();

create function ops.retry_job(p_job_id uuid, p_reason text)
returns text
language plpgsql
set search_path = ''
as $$
begin
	update private.jobs set dead_at = null, attempts = 0, run_at = now(), lease_token = null, leased_until = null
	where id = p_job_id and dead_at is not null;
	return private.note_action('retry_job', p_job_id::text, p_reason,
		case when found then 'due now' else 'not dead: nothing changed' end);
end $$;
comment on function ops.retry_job is 'Runs a dead job again. Safe at any time: a step looks at its row first, and does nothing twice.';

create function ops.release_hold(p_hold_id uuid, p_reason text)
returns text
language plpgsql
set search_path = ''
as $$
declare
	v_hold public.credit_holds;
	v_left integer;
begin
	select * into v_hold from public.credit_holds where id = p_hold_id;
	if not found then
		return private.note_action('release_hold', p_hold_id::text, p_reason, 'no such hold');
	end if;
	-- Work that is open ends as it would by itself: credit back, the person told, the provider stopped.
	perform service.fail_training(id, 'unavailable') from public.trainings
	where hold_id = p_hold_id and status in ('queued', 'running');
	perform service.fail_generation(id, 'unavailable', false) from (
		select id from public.generations where hold_id = p_hold_id and status in ('queued', 'running') order by id) as open;
	select * into v_hold from public.credit_holds where id = p_hold_id for no key update;
	v_left := v_hold.amount - v_hold.captured - v_hold.released;
	perform private.release_hold(p_hold_id, format('operator:%s:%s', p_hold_id, n), 'Given back by us: ' || p_reason)
	from generate_series(1, v_left) as n;
	return private.note_action('release_hold', p_hold_id::text, p_reason,
		format('captured %s, released %s', v_hold.captured, v_hold.released + v_left));
end $$;
comment on function ops.release_hold is 'Ends what is open under a hold, and gives back what is left of it. The person reads the reason.';

create function ops.close_difference(p_kind text, p_subject text, p_reason text)
returns text
language plpgsql
set search_path = ''
as $$
begin
	update private.reconciliation_differences set outcome = 'looked at: ' || p_reason
	where kind = p_kind and subject = p_subject and outcome is null;
	return private.note_action('close_difference', p_kind || ' ' || p_subject, p_reason,
		case when found then 'closed' else 'not open: nothing changed' end);
end $$;
comment on function ops.close_difference is 'Somebody has looked, and says what it was: its alarm ends.';

create function ops.close_doors(p_reason text)
returns text
language plpgsql
set search_path = ''
as $$
begin
	update private.serving set held_at = now() where held_at is null;
	return private.note_action('close_doors', 'everybody', p_reason, 'closed');
end $$;
comment on function ops.close_doors is 'Nobody is served (503) until replay-tombstones is rung.';

-- For whoever watches from outside.

create function service.health(as_of timestamptz default now())
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
	-- What waits for room at a provider may wait; everything else is due within minutes.
	select jsonb_build_object('isServing', private.is_serving(), 'oldestDueSeconds', coalesce((
		select extract(epoch from as_of - min(run_at))::integer from private.jobs
		where dead_at is null and kind not in ('submit_generation', 'make_portrait') and run_at <= as_of
			and (leased_until is null or leased_until <= as_of)), 0))
$$;
comment on function service.health is 'Whether anybody is served, and how long the oldest job that is due has waited. Nothing about anybody.';
grant execute on function service.health to service_role;

create index generations_failed on public.generations (finished_at) where failure is not null;

create function service.figures(as_of timestamptz default now())
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
	select coalesce(jsonb_agg(jsonb_build_object('name', name, 'label', label, 'of', of, 'value', value) order by name, of), '[]')
	from (
		select 'jobs_due' as name, 'kind' as label, kind as of, due::numeric as value from ops.oldest_jobs
		union all
		select 'job_oldest_due_seconds', 'kind', kind, coalesce(extract(epoch from as_of - oldest_due_at), 0)::integer from ops.oldest_jobs
		union all
		select 'jobs_dead', 'kind', kind, count(*) from private.jobs where dead_at is not null group by kind
		union all
		select 'delivered_last_hour', null, null, count(*) from public.generations
		where status = 'succeeded' and finished_at > as_of - interval '1 hour'
		union all
		select 'jobs_in_trouble', 'kind', kind, count(*) from private.jobs
		where dead_at is null and last_error is not null group by kind
		union all
		select 'undelivered_last_hour', 'reason', coalesce(failure, 'unknown'), count(*) from public.generations
		where status = 'failed' and failure is not null and finished_at > as_of - interval '1 hour' group by failure
		union all
		select 'webhooks_unhandled', 'source', source, count(*) from private.webhook_events where handled_at is null group by source
		union all
		select 'differences_open', 'kind', kind, count(*) from private.reconciliation_differences where outcome is null group by kind
		union all
		select 'alarms', 'kind', kind::text, count(*) from service.alarms(as_of) group by kind
		union all
		select 'serving', null, null, private.is_serving()::integer
	) as figures
$$;
comment on function service.figures is 'Counts for a monitor: no id, nobody''s.';
grant execute on function service.figures to service_role;
