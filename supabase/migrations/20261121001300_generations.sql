-- A generation: one request, one portrait. A round plans many of them under one hold; each captures
-- or releases its one credit, and the last to end closes the round.

create table public.generations (
	id uuid primary key default gen_random_uuid(),
	owner_id uuid not null references public.profiles (owner_id) on delete cascade,
	shoot_id uuid not null references public.shoots (id) on delete cascade,
	style_id text not null references public.styles (id),
	engine public.engine not null default 'studio',
	edit public.edit_kind,
	original_id uuid,
	lora_id uuid,
	hold_id uuid not null references public.credit_holds (id) on delete cascade,
	prompt text not null,
	width integer not null default 896,
	height integer not null default 1120,
	created_at timestamptz not null default now(),
	-- What changes stands last: the log of changes does not repeat what stands before it.
	seed integer not null constraint generations_seed_has_31_bits check (seed >= 0),
	attempt integer not null default 1 constraint generations_at_most_two_attempts check (attempt between 1 and 2),
	status public.work_status not null default 'queued',
	request_id text,
	failure text,
	submitted_at timestamptz,
	finished_at timestamptz,
	constraint generations_use_a_model_of_their_own_shoot
		foreign key (lora_id, owner_id, shoot_id) references public.loras (id, owner_id, shoot_id) on delete cascade,
	constraint generations_that_edit_are_instant check (edit is null or engine = 'instant'),
	constraint generations_of_the_studio_have_a_model check ((lora_id is null) = (engine = 'instant')),
	constraint generations_run_once_submitted check (status <> 'running' or submitted_at is not null),
	constraint generations_end_with_time
		check ((finished_at is not null) = (status in ('succeeded', 'failed', 'cancelled')))
);
comment on table public.generations is 'One portrait asked for. A flagged or broken one is asked for once more with another seed.';
comment on column public.generations.engine is
	'Who makes this portrait: the engine of its shoot, or instant for an edit.';
comment on column public.generations.edit is 'What is changed of the portrait original_id; null for one that is made from photos or a model.';
comment on column public.generations.failure is 'Code for the words in domain/failure.ts.';
-- Room on the page for the row's next versions.
alter table public.generations set (fillfactor = 50);
create index generations_shoot_id on public.generations (shoot_id);
create index generations_owner_id on public.generations (owner_id);
create index generations_lora_id on public.generations (lora_id, owner_id, shoot_id);
create index generations_hold_id on public.generations (hold_id);
-- By what only the end changes: to be sent, and its request, then change no index.
create index generations_open on public.generations (shoot_id) where finished_at is null;

alter table public.generations enable row level security;
grant select (id, owner_id, shoot_id, style_id, engine, edit, created_at, attempt, status, failure, submitted_at, finished_at)
	on public.generations to authenticated;
create policy generations_select_own on public.generations for select to authenticated
	using (owner_id = (select private.person()));

create function private.random_seed()
returns integer
language plpgsql
volatile
set search_path = ''
as $$
begin
	return floor(random() * 2147483648)::integer;
end $$;

create function private.making_kind(p_engine public.engine)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
	return case p_engine when 'studio' then 'submit_generation' else 'make_portrait' end;
end $$;
comment on function private.making_kind is 'The kind of the job that asks for a portrait.';

create function private.plan_round(
	p_shoot public.shoots, p_lora_id uuid, p_style_ids text[], p_count integer, p_key text, as_of timestamptz
)
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_hold_id uuid := private.open_hold(p_shoot, 'headshot', p_count, p_key,
		format('Set aside for %s portraits', p_count));
begin
	with planned as (
		insert into public.generations
			(owner_id, shoot_id, style_id, engine, lora_id, hold_id, seed, prompt, created_at)
		select p_shoot.owner_id, p_shoot.id, s.id, p_shoot.engine, p_lora_id, v_hold_id, private.random_seed(),
			replace(s.prompt_template, '{trigger}', coalesce(
				(select trigger_phrase from public.loras where id = p_lora_id), 'The person in these photos')), as_of
		from generate_series(0, p_count - 1) as n
		join public.styles s on s.id = p_style_ids[n % cardinality(p_style_ids) + 1]
		order by n
		returning id
	)
	insert into private.jobs (key, kind, payload, priority, run_at, max_attempts)
	select k.kind || ':' || planned.id, k.kind, jsonb_build_object('generation_id', planned.id),
		k.priority, as_of, k.max_attempts
	from planned
	join private.job_kinds k on k.kind = private.making_kind(p_shoot.engine);
	update public.shoots set portraits_planned = portraits_planned + p_count where id = p_shoot.id;
	update public.loras set last_used_at = as_of where id = p_lora_id;
end $$;
comment on function private.plan_round is
	'Holds p_count credits and plans as many portraits by the shoot''s engine, in turn over the styles. p_lora_id is null for instant.';

create function private.plan_first_round(p_shoot public.shoots, p_lora_id uuid, p_key text, as_of timestamptz)
returns integer
language plpgsql
set search_path = ''
as $$
declare
	v_offer public.offers;
	v_count integer;
begin
	select * into v_offer from public.offers where id = p_shoot.offer_id;
	perform private.lock_balance(p_shoot.owner_id, 'headshot');
	-- The pack, as far as its credits have not been used for another shoot.
	select least(available, coalesce(p_shoot.headshots_wanted, v_offer.headshot_count)) into v_count
	from public.credit_balances
	where owner_id = p_shoot.owner_id and unit = 'headshot';
	-- A debt, or a dispute: the shoot goes on without a round, and more can be asked for later.
	if v_count < 0 or not private.is_in_good_standing(p_shoot.owner_id) then v_count := 0; end if;
	if v_count > 0 then
		perform private.plan_round(p_shoot, p_lora_id, (
			select array_agg(style_id) from (
				select s.style_id from public.shoot_styles s
				join public.styles on styles.id = s.style_id
				where s.shoot_id = p_shoot.id
				order by styles.position
				limit v_offer.style_limit
			) as chosen
		), v_count, p_key, as_of);
	end if;
	return v_count;
end $$;
comment on function private.plan_first_round is 'Plans what was bought with the shoot, in the styles chosen; answers how many portraits.';

create function service.plan_headshots(
	p_owner_id uuid, p_shoot_id uuid, p_style_ids text[], p_count integer, p_request_id uuid,
	as_of timestamptz default now()
)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_shoot public.shoots := private.lock_shoot(p_shoot_id, p_owner_id);
	v_lora public.loras;
	v_offer public.offers;
	v_key text := 'plan:' || p_request_id;
	v_earlier public.credit_holds;
	v_style_ids text[];
begin
	v_earlier := private.hold_of(v_key);
	if v_earlier.id is not null then
		if (v_earlier.shoot_id, v_earlier.amount) = (p_shoot_id, p_count) then return p_count; end if;
		perform private.refuse(409, 'not_now', 'This request was made before, for something else.',
			'Reload the page and ask again.');
	end if;
	select * into v_lora from public.loras where shoot_id = p_shoot_id order by created_at desc limit 1;
	if v_shoot.engine = 'instant' and v_shoot.status in ('ready', 'failed') and not exists (
		select from public.photos where shoot_id = p_shoot_id and sealed_at is not null and deleted_at is null
	) then
		perform private.refuse(409, 'not_now', 'The photos of this shoot have been deleted.',
			'Portraits need photos: start a new shoot. Your portrait credits can be used there.');
	end if;
	if v_lora.deleted_at is not null then
		perform private.refuse(409, 'not_now',
			format('The private model of this shoot was deleted on %s.', to_char(v_lora.deleted_at, 'FMDD FMMonth YYYY')),
			'Portraits need a model: start a new shoot to train another one. Your portrait credits can be used there.');
	end if;
	if v_shoot.status not in ('ready', 'failed') or (v_lora.id is null and v_shoot.engine = 'studio') then
		perform private.refuse(409, 'not_now', 'More portraits cannot be made for this shoot now.',
			'Wait until the present ones are ready.');
	end if;
	perform private.require_consents(p_owner_id, private.consents_for(v_shoot.engine));
	perform private.require_unrestricted(p_owner_id);
	select * into v_offer from public.offers where id = v_shoot.offer_id;
	select array_agg(id order by position) into v_style_ids
	from public.styles where id = any (p_style_ids) and is_active;
	if v_style_ids is null
		or cardinality(v_style_ids) <> (select count(distinct asked) from unnest(p_style_ids) as asked)
		or cardinality(v_style_ids) > v_offer.style_limit then
		perform private.refuse(422, 'malformed', format('Choose 1 to %s of the styles shown.', v_offer.style_limit),
			'Choose again.');
	end if;
	if p_count is null or p_count not between 1 and 1000 then
		perform private.refuse(422, 'malformed', 'Ask for at least one portrait.', 'Choose a number.');
	end if;
	update public.shoots set status = 'generating' where id = p_shoot_id returning * into v_shoot;
	perform private.plan_round(v_shoot, v_lora.id, v_style_ids, p_count, v_key, as_of);
	return p_count;
end $$;
comment on function service.plan_headshots is
	'More portraits from the lora, or the photos, that are there; the same request id plans once. Refuses: 402 credits, 403 consent, 404, 409 not ready, 422 styles or count.';
grant execute on function service.plan_headshots to service_role;

create function private.headshot_key(
	p_generation public.generations, p_suffix text, p_attempt integer default 1, p_content_type text default 'image/jpeg'
)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
	-- A second try gives another picture: neither ever overwrites the other.
	return format('%s/%s/%s%s%s.%s', p_generation.owner_id, p_generation.shoot_id, p_generation.id,
		case when p_attempt > 1 then '-' || p_attempt end, p_suffix,
		case p_content_type when 'image/png' then 'png' else 'jpg' end);
end $$;

create function private.forget_files(p_generation public.generations, p_attempts integer[])
returns void
language sql
set search_path = ''
as $$
	select private.enqueue_deletion('headshots', array_agg(key order by attempt, key))
	from unnest(p_attempts) as attempt
	cross join lateral (values
		(private.headshot_key(p_generation, '', attempt)),
		(private.headshot_key(p_generation, '', attempt, 'image/png')),
		(private.headshot_key(p_generation, '_thumb', attempt))) as stored (key)
$$;
comment on function private.forget_files is 'Deletes what these tries may have stored: a worker may have died with the files just written.';

create function private.references_of(p_generation public.generations)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
	return (select coalesce(jsonb_agg(jsonb_build_object(
		'bucket', bucket, 'storageKey', storage_key, 'contentType', content_type) order by created_at, id), '[]')
	from (
		select 'photos' as bucket, storage_key, content_type, created_at, id from public.photos
		where p_generation.engine = 'instant' and p_generation.edit is null
			and shoot_id = p_generation.shoot_id and sealed_at is not null and deleted_at is null
		union all
		select 'headshots', storage_key, content_type, created_at, id from public.headshots
		where id = p_generation.original_id and owner_id = p_generation.owner_id and deleted_at is null
	) as shown);
end $$;
comment on function private.references_of is 'The pictures that are shown to the generator along with the prompt.';

create function service.generation_work(p_generation_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
	v_work jsonb;
begin
	select jsonb_build_object(
		'id', g.id,
		'ownerId', g.owner_id,
		'shootId', g.shoot_id,
		'status', g.status,
		'engine', g.engine,
		'edit', g.edit,
		'prompt', g.prompt,
		'loraKey', l.storage_key,
		'seed', g.seed,
		'width', g.width,
		'height', g.height,
		'attempt', g.attempt,
		'headshotKey', private.headshot_key(g, '', g.attempt),
		'thumbnailKey', private.headshot_key(g, '_thumb', g.attempt),
		'references', private.references_of(g),
		'submittedAt', g.submitted_at,
		'request', private.request_as_json(g.request_id),
		'isPermitted', s.status <> 'refunded' and l.deleted_at is null
			and private.is_permitted(g.owner_id, g.engine)
	)
	into v_work
	from public.generations g
	left join public.loras l on l.id = g.lora_id
	join public.shoots s on s.id = g.shoot_id
	where g.id = p_generation_id;
	if not found then
		perform private.refuse(404, 'not_found', 'There is no such generation.', 'It may have been erased.');
	end if;
	return v_work;
end $$;
comment on function service.generation_work is
	'Everything a step of the generation needs: GenerationWork of domain/generation.ts without what is configuration. Refuses (404) what was erased.';
grant execute on function service.generation_work to service_role;

create function service.begin_generation_submit(p_generation_id uuid, as_of timestamptz default now())
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_work jsonb := service.generation_work(p_generation_id);
begin
	if (v_work ->> 'isPermitted')::boolean then
		update public.generations set status = 'running', submitted_at = as_of
		where id = p_generation_id and status = 'queued';
		return case when found then service.generation_work(p_generation_id) end;
	end if;
	return case when v_work ->> 'status' = 'queued' then v_work end;
end $$;
comment on function service.begin_generation_submit is
	'The work (as generation_work answers it) for the one caller that may send the request; with isPermitted false, for one that has to give it up; null when it was sent or ended before. Refuses (404) what was erased.';
grant execute on function service.begin_generation_submit to service_role;

create function service.record_generation_request(
	p_generation_id uuid, p_attempt integer, p_endpoint text, p_request_id text,
	p_status_url text, p_response_url text, p_cancel_url text,
	as_of timestamptz default now()
)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_generation public.generations;
	v_is_waited_for boolean;
begin
	-- Waits, as the look below, for an erasure that is about to take the row.
	update public.generations set request_id = p_request_id
	where id = p_generation_id and status = 'running' and attempt = p_attempt
		and coalesce(request_id, p_request_id) = p_request_id
	returning * into v_generation;
	v_is_waited_for := found;
	if not v_is_waited_for then
		select * into v_generation from public.generations where id = p_generation_id for key share;
		if not found then
			perform private.leave_to_erasure('generation', p_generation_id, p_endpoint, p_request_id,
				p_status_url, p_response_url, p_cancel_url, as_of);
			return false;
		end if;
	end if;
	insert into private.provider_requests
		(request_id, endpoint, status_url, response_url, cancel_url, owner_id, shoot_id, generation_id, submitted_at)
	values
		(p_request_id, p_endpoint, private.url_from(p_response_url, p_status_url), p_response_url,
			private.url_from(p_response_url, p_cancel_url), v_generation.owner_id, v_generation.shoot_id, p_generation_id, as_of)
	on conflict do nothing;
	if v_is_waited_for then return true; end if;
	if v_generation.request_id is distinct from p_request_id then perform private.forget(p_request_id); end if;
	return false;
end $$;
comment on function service.record_generation_request is
	'Notes what the provider accepted for this try. False when it is not the request of this generation (any more): it will be forgotten there, and should be cancelled.';
grant execute on function service.record_generation_request to service_role;

create function service.clear_generation_submit(p_generation_id uuid, p_attempt integer)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
	update public.generations set status = 'queued', submitted_at = null
	where id = p_generation_id and status = 'running' and attempt = p_attempt and request_id is null;
	if not found then perform private.drop_unanswered('generation', p_generation_id); end if;
end $$;
comment on function service.clear_generation_submit is 'After a submit that was certainly not accepted: this try may be made again.';
grant execute on function service.clear_generation_submit to service_role;

create function private.lock_generation(p_generation_id uuid)
returns public.generations
language plpgsql
set search_path = ''
as $$
declare
	v_generation public.generations;
begin
	-- The shoot first, by the generation's (unchanging) reference to it.
	perform from public.shoots
	where id = (select shoot_id from public.generations where id = p_generation_id)
	for no key update;
	select * into v_generation from public.generations where id = p_generation_id for no key update;
	return v_generation;
end $$;

create function private.end_generation(
	p_generation public.generations, p_status public.work_status, p_code text, as_of timestamptz
)
returns void
language plpgsql
set search_path = ''
as $$
begin
	update public.generations set status = p_status, failure = p_code, finished_at = as_of
	where id = p_generation.id;
	perform private.release_hold(p_generation.hold_id, 'generation:' || p_generation.id,
		case p_code
			when 'declined' then 'The photos were not accepted by the portrait service''s safety check; the credit is back'
			when 'no_picture' then 'The portrait service answered without a picture; the credit is back'
			when 'photos_gone' then 'The photos were deleted before a portrait was made of them; its credit is back'
			when 'flagged' then 'A portrait was held back by the safety check; its credit is back'
			when 'broken' then 'A portrait came back damaged; its credit is back'
			when 'refused' then 'A portrait was not accepted by the portrait service; its credit is back'
			when 'not_permitted' then 'A portrait was stopped because a consent is missing or processing is switched off; its credit is back'
			when 'refunded' then 'A portrait was stopped because the order was refunded; its credit is back'
			when 'erased' then 'A portrait was stopped because you had its data erased; its credit is back'
			else 'The portrait service had a fault; the credit is back'
		end, p_generation.id);
	perform private.forget(p_generation.request_id, p_status = 'cancelled' or p_code = 'not_permitted');
	if p_generation.status = 'running' then
		perform private.forget_files(p_generation, array(select generate_series(1, p_generation.attempt)));
	end if;
end $$;

create function service.fail_generation(
	p_generation_id uuid, p_reason text, p_retry boolean, as_of timestamptz default now(), p_attempt integer default null
)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_generation public.generations := private.lock_generation(p_generation_id);
begin
	if v_generation.id is null then perform private.drop_unanswered('generation', p_generation_id); end if;
	if v_generation.id is null or v_generation.status not in ('queued', 'running')
		or v_generation.attempt <> p_attempt then
		return 'ended_before';
	end if;
	if p_retry and v_generation.attempt = 1 then
		update public.generations
		set status = 'queued', attempt = 2, seed = private.random_seed(), submitted_at = null, request_id = null
		where id = p_generation_id;
		perform private.forget(v_generation.request_id);
		if v_generation.status = 'running' then perform private.forget_files(v_generation, array[1]); end if;
		perform private.enqueue(private.making_kind(v_generation.engine), 'generation_id', p_generation_id::text);
		return 'retrying';
	end if;
	perform private.end_generation(v_generation, 'failed', p_reason, as_of);
	perform private.close_round(v_generation, as_of);
	return 'failed';
end $$;
comment on function service.fail_generation is
	'Asks once more with another seed, if p_retry and the first try; else gives the credit back with the reason. A worker names the try that it speaks of (p_attempt): of an earlier one nothing is heard any more. Answers retrying, failed or ended_before.';
grant execute on function service.fail_generation to service_role;

create function private.cancel_work(p_shoot_id uuid, as_of timestamptz, p_code text default 'refunded')
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_training public.trainings;
	v_generation public.generations;
begin
	-- Both balances in the order in which a payment or a finished training takes them: a refund goes on to the trainings'.
	perform private.lock_balance((select owner_id from public.shoots where id = p_shoot_id), unit)
	from unnest(enum_range(null::public.credit_unit)) as unit;
	for v_training in
		select * from public.trainings
		where shoot_id = p_shoot_id and status in ('queued', 'running') for no key update
	loop
		perform private.end_training(v_training, 'cancelled', p_code, case p_code
			when 'refunded' then 'The training was stopped because the order was refunded'
			else 'The training was stopped because you had its data erased'
		end, as_of);
	end loop;
	for v_generation in
		select * from public.generations
		where shoot_id = p_shoot_id and finished_at is null for no key update
	loop
		perform private.end_generation(v_generation, 'cancelled', p_code, as_of);
	end loop;
	perform private.forget_delivered(p_shoot_id);
end $$;
comment on function private.cancel_work is 'Under the lock of the shoot: ends what is open and gives its credits back.';

create function service.requests_to_forget(p_shoot_id uuid)
returns text[]
language sql
stable
security definer
set search_path = ''
as $$
	select coalesce(array_agg(r.request_id order by r.request_id), '{}')
	from public.generations g
	join private.provider_requests r on r.provider = 'fal' and r.request_id = g.request_id
	where g.shoot_id = p_shoot_id and g.status = 'succeeded' and r.forgotten_at is null
$$;
comment on function service.requests_to_forget is
	'What the provider still has of the delivered portraits of a shoot. Every other request has a job of its own, or an erasure, to be forgotten by.';
grant execute on function service.requests_to_forget to service_role;

create function private.forget_delivered(p_shoot_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
	-- After the rush, as with one request.
	if cardinality(service.requests_to_forget(p_shoot_id)) > 0 then
		perform service.enqueue_job('forget_delivered:' || p_shoot_id, 'forget_delivered',
			jsonb_build_object('shoot_id', p_shoot_id), now() + interval '30 seconds');
	end if;
end $$;
comment on function private.forget_delivered is 'Has the provider forget the delivered portraits of a shoot, all by one job.';
