-- Instant: what is shown to a generator that answers at once. Such an answer is lost, and paid for, when
-- nobody is there to take it. So each request is written down before it leaves; one that was not answered is
-- made once more and never again; and how many leave in a minute is decided for all runners together.

create table private.instant_calls (
	generation_id uuid not null,
	attempt integer not null,
	-- No foreign keys: what a provider has in its log is told also after our rows are gone.
	owner_id uuid not null,
	shoot_id uuid not null,
	provider text not null default 'gemini' references private.processors (id),
	model text not null,
	sent_at timestamptz not null,
	answered_at timestamptz,
	outcome text constraint instant_calls_outcome_is_known
		check (outcome in ('made', 'declined', 'empty', 'busy', 'lost')),
	busy_until timestamptz,
	-- Two pictures a portrait are paid at most, whatever goes wrong.
	primary key (generation_id, attempt),
	constraint instant_calls_are_two_at_most check (attempt between 1 and 2),
	constraint instant_calls_are_answered_with_an_outcome check ((answered_at is null) = (outcome is null))
);
comment on table private.instant_calls is
	'Every request that left for a generator that answers at once. Nothing is stored there by our doing, but its log against abuse holds the request for 55 days.';
comment on column private.instant_calls.outcome is 'busy: certainly not worked on, and sent again as the same attempt. lost: nobody knows.';
comment on column private.instant_calls.busy_until is 'Nothing is sent to anybody before: as the provider asked, or as long as it seems to need.';
create index instant_calls_sent_at on private.instant_calls (sent_at);
create index instant_calls_owner_id on private.instant_calls (owner_id);
create index instant_calls_busy on private.instant_calls (busy_until) where busy_until is not null;

create function private.log_period() returns interval
language sql immutable set search_path = '' as $$ select interval '55 days' $$;
comment on function private.log_period is 'Mirror of instantLogDays in domain/engine.ts.';

create function private.logged_until(p_owner_id uuid, p_shoot_id uuid default null)
returns timestamptz
language sql
stable
set search_path = ''
as $$
	select max(sent_at) + private.log_period() from private.instant_calls
	where owner_id = p_owner_id and shoot_id = coalesce(p_shoot_id, shoot_id)
$$;
comment on function private.logged_until is
	'When the last request that was shown a person''s pictures has left the provider''s log; null when there was none.';

create function service.begin_portrait(p_generation_id uuid, p_model text, as_of timestamptz default now())
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_generation public.generations := private.lock_generation(p_generation_id);
	v_work jsonb := service.generation_work(p_generation_id);
begin
	if v_generation.engine <> 'instant' or v_generation.status not in ('queued', 'running') then return null; end if;
	if not (v_work ->> 'isPermitted')::boolean then return v_work; end if;
	-- Under way already: whoever asked has died, or was cut off from the answer.
	if v_generation.status = 'running' then
		update private.instant_calls set outcome = 'lost', answered_at = as_of
		where generation_id = p_generation_id and attempt = v_generation.attempt and outcome is null;
		if v_generation.attempt = 2 then
			perform service.fail_generation(p_generation_id, 'unavailable', false, as_of);
			return null;
		end if;
		v_generation.attempt := 2;
	end if;
	update public.generations set status = 'running', attempt = v_generation.attempt, submitted_at = as_of
	where id = p_generation_id;
	insert into private.instant_calls as c (generation_id, attempt, owner_id, shoot_id, model, sent_at)
	values (p_generation_id, v_generation.attempt, v_generation.owner_id, v_generation.shoot_id, p_model, as_of)
	on conflict (generation_id, attempt) do update
		set sent_at = excluded.sent_at, model = excluded.model, outcome = null, answered_at = null, busy_until = null
		where c.outcome = 'busy';
	if not found then return null; end if;
	return service.generation_work(p_generation_id);
end $$;
comment on function service.begin_portrait is
	'Writes down that the request leaves now, and answers the work (as generation_work) for the one who sends it; with isPermitted false, for one that has to give it up; null when it was made or ended before, or was lost twice: then its credit is back. Refuses: 404 what was erased, 503 while the provider is switched off.';
grant execute on function service.begin_portrait to service_role;

create function service.record_answer(
	p_generation_id uuid, p_attempt integer, p_outcome text, p_pause_seconds integer default null,
	as_of timestamptz default now()
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
	perform private.lock_generation(p_generation_id);
	update private.instant_calls
	set outcome = p_outcome, answered_at = as_of, busy_until = as_of + make_interval(secs => p_pause_seconds)
	where generation_id = p_generation_id and attempt = p_attempt and outcome is null;
	if p_outcome = 'busy' then
		update public.generations set status = 'queued', submitted_at = null
		where id = p_generation_id and status = 'running' and attempt = p_attempt;
	end if;
end $$;
comment on function service.record_answer is
	'What came of a request. After busy it may be sent again, and for p_pause_seconds nobody sends any.';
grant execute on function service.record_answer to service_role;

create function private.instant_minute() returns interval
language sql immutable set search_path = '' as $$ select interval '62 seconds' $$;
comment on function private.instant_minute is
	'A minute as the provider counts it, from when a request has come there, told by when it has left here: one may need two seconds longer than the other.';

create function private.instant_room(p_capacity integer, p_per_minute integer, as_of timestamptz)
returns integer
language sql
stable
set search_path = ''
as $$
	with claimed as (
		select j.id, not exists (
			select from private.instant_calls c
			where c.generation_id = j.generation_id and c.sent_at >= j.claimed_at
		) as is_about_to_be_sent
		from private.jobs j
		where j.kind = 'make_portrait' and j.dead_at is null and j.leased_until > as_of
	)
	select case when exists (select from private.instant_calls where busy_until > as_of) then 0
		else greatest(0, least(
			p_capacity - (select count(*) from claimed),
			p_per_minute
				- (select count(*) from private.instant_calls where sent_at > as_of - private.instant_minute())
				- (select count(*) from claimed where is_about_to_be_sent)))::integer end
$$;
comment on function private.instant_room is
	'How many more may be sent now: at most p_capacity wait for an answer, at most p_per_minute leave in any minute.';

create function private.instant_queues(p_capacity integer, as_of timestamptz)
returns table (owner_id uuid, is_paced boolean, opens_at timestamptz)
language plpgsql
stable
set search_path = ''
as $$
begin
	-- In PL/pgSQL, which keeps its plan: every look of a runner asks it.
	return query
	with last_answers as (
		select sent_at, answered_at from private.instant_calls
		where outcome = 'made' order by sent_at desc limit p_capacity
	), queues as (
		select g.owner_id, max(j.claimed_at) as begun_at,
			min(j.run_at) filter (where j.leased_until is null or j.leased_until <= as_of) as due_at,
			count(*) filter (where j.run_at <= as_of and (j.leased_until is null or j.leased_until <= as_of)) as due
		from private.jobs j
		join public.generations g on g.id = j.generation_id
		where j.kind = 'make_portrait' and j.dead_at is null
		group by g.owner_id
	), paces as (
		-- Null for a short queue, and for all before the first answer.
		select q.*, case when q.due > 4 * p_capacity
			then (select avg(answered_at - sent_at) from last_answers) / p_capacity end as pace
		from queues q
	)
	select p.owner_id, p.pace is not null, greatest(p.due_at, p.begun_at + p.pace) from paces p;
end $$;
comment on function private.instant_queues is
	'Whose portraits wait, and from when on one may be sent. A person with more waiting than four rounds of all places is paced: begins one at a time, as often as a place becomes free when all are taken evenly (the last answers'' time, shared among the places). Who comes then finds the next place free soon, and not all of them together.';

create function private.instant_opens_in(p_capacity integer, p_per_minute integer, as_of timestamptz)
returns double precision
language plpgsql
stable
set search_path = ''
as $$
begin
	return (with waiting as (
		select min(opens_at) as at from private.instant_queues(p_capacity, as_of)
	), full_since as (
		-- The oldest of the last minute's, when there is room for none beside them.
		select sent_at + private.instant_minute() as at from private.instant_calls
		where sent_at > as_of - private.instant_minute()
		order by sent_at desc offset greatest(p_per_minute - 1, 0) limit 1
	)
	select extract(epoch from greatest(
		-- Another runner's answer is waited for: it claims the next one itself, should it still be there.
		case when (select count(*) from private.jobs where kind = 'make_portrait' and leased_until > as_of) >= p_capacity
			then as_of + interval '2 seconds' end,
		waiting.at, (select at from full_since), (select max(busy_until) from private.instant_calls), as_of) - as_of)
	from waiting where waiting.at is not null);
end $$;
comment on function private.instant_opens_in is
	'Seconds until a portrait that waits may be sent, as far as the clock decides it; null when none waits.';

-- Edits: one thing is changed of a portrait that is there, of either engine; the portrait stays.

create function private.edit_prompt(p_edit public.edit_kind, p_own public.styles, p_chosen public.styles)
returns text
language sql
immutable
set search_path = ''
as $$
	select 'Edit this portrait photograph. ' || case p_edit
			when 'backdrop' then format('Put the person in front of %s, in %s.', p_chosen.backdrop, p_chosen.light)
			when 'outfit' then format('Dress the person in %s, in front of %s as before.', p_chosen.outfit, p_own.backdrop)
			when 'wider' then format('Show it from further away, down to the waist, with more of %s around.', p_own.backdrop)
			when 'glare' then format('Take the reflections off the glasses, in front of %s as before.', p_own.backdrop)
			else format('Tidy stray hair, in front of %s as before.', p_own.backdrop)
		end || ' Change nothing else: the same person, the same face and age, natural skin texture.'
$$;
comment on function private.edit_prompt is 'The words of an edit, of our own making: of the portrait''s own style, and of the one that was chosen.';

create function service.plan_edit(
	p_owner_id uuid, p_headshot_id uuid, p_edit public.edit_kind, p_style_id text, p_request_id uuid,
	as_of timestamptz default now()
)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_key text := 'edit:' || p_request_id;
	v_generation public.generations;
	v_headshot public.headshots;
	v_shoot public.shoots;
	v_own public.styles;
	v_chosen public.styles;
begin
	select * into v_headshot from public.headshots where id = p_headshot_id and owner_id = p_owner_id and deleted_at is null;
	if not found then
		perform private.refuse(404, 'not_found', 'This portrait is not there any more.', 'Go back to your gallery.');
	end if;
	v_shoot := private.lock_shoot(v_headshot.shoot_id, p_owner_id);
	select * into v_generation from public.generations
	where hold_id = (private.hold_of(v_key)).id and owner_id = p_owner_id;
	if found then return v_generation.id; end if;
	if v_shoot.status not in ('generating', 'ready', 'failed') then
		perform private.refuse(409, 'not_now', 'Portraits of this shoot cannot be edited.', 'Go back to your gallery.');
	end if;
	perform private.require_consents(p_owner_id, private.consents_for('instant'));
	perform private.require_unrestricted(p_owner_id);
	perform private.require_processor(private.processor_of('instant'));
	select * into v_own from public.styles where id = v_headshot.style_id;
	select * into v_chosen from public.styles where id = p_style_id and (is_active or id = v_own.id);
	if p_edit in ('backdrop', 'outfit') and v_chosen.id is null then
		perform private.refuse(404, 'not_found', 'There is no such style.', 'Choose one of the styles shown.');
	end if;
	insert into public.generations
		(owner_id, shoot_id, style_id, engine, edit, original_id, hold_id, seed, prompt, created_at)
	-- A portrait is of the style that it is in front of: another edit of it says so.
	values (p_owner_id, v_shoot.id, case p_edit when 'backdrop' then v_chosen.id else v_own.id end, 'instant', p_edit, p_headshot_id,
		private.open_hold(v_shoot, 'headshot', 1, v_key, 'Set aside for an edit'),
		private.random_seed(), private.edit_prompt(p_edit, v_own, v_chosen), as_of)
	returning * into v_generation;
	-- Somebody is looking on: before the portraits of whole packs, within the person's own turns.
	perform service.enqueue_job('make_portrait:' || v_generation.id, 'make_portrait',
		jsonb_build_object('generation_id', v_generation.id), as_of, 25);
	update public.shoots set portraits_planned = portraits_planned + 1 where id = v_shoot.id;
	return v_generation.id;
end $$;
comment on function service.plan_edit is
	'One change of one delivered portrait, for one credit; the same request id plans once. The portrait stays, the edit is another one beside it. Refuses: 402 credits, 403 consent, 404 portrait or style, 409, 503 while instant is off.';
grant execute on function service.plan_edit to service_role;
