-- A training: one fine-tuning run from sealed photos to a lora of the person.

create table public.trainings (
	id uuid primary key default gen_random_uuid(),
	owner_id uuid not null references public.profiles (owner_id) on delete cascade,
	shoot_id uuid not null references public.shoots (id) on delete cascade,
	engine public.engine not null default 'studio'
		constraint trainings_are_the_studio_s check (engine = 'studio'),
	hold_id uuid not null references public.credit_holds (id) on delete cascade,
	status public.work_status not null default 'queued',
	trigger_phrase text not null default 'hp' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 8),
	request_id text,
	progress_percent integer
		constraint trainings_progress_is_a_percentage check (progress_percent between 0 and 100),
	queue_position integer,
	failure text,
	created_at timestamptz not null default now(),
	submitted_at timestamptz,
	heard_at timestamptz,
	finished_at timestamptz,
	-- No private model can be made for an instant shoot: there is no such row.
	constraint trainings_are_for_shoots_of_the_studio
		foreign key (shoot_id, engine) references public.shoots (id, engine),
	constraint trainings_run_once_submitted check (status <> 'running' or submitted_at is not null),
	constraint trainings_end_with_time
		check ((finished_at is not null) = (status in ('succeeded', 'failed', 'cancelled')))
);
comment on table public.trainings is 'One fine-tuning run. Marked submitted before the request leaves us, so that it leaves once.';
comment on column public.trainings.trigger_phrase is 'A word that means nothing, until the lora makes it mean this person.';
comment on column public.trainings.failure is 'Code for the words in domain/failure.ts.';
create unique index trainings_one_open_per_shoot
	on public.trainings (shoot_id) where status in ('queued', 'running');
create index trainings_shoot_id on public.trainings (shoot_id, engine);
create index trainings_owner_id on public.trainings (owner_id);
create index trainings_hold_id on public.trainings (hold_id);
create index trainings_open on public.trainings (created_at) where status in ('queued', 'running');

alter table public.trainings enable row level security;
grant select (id, owner_id, shoot_id, status, progress_percent, queue_position, failure, created_at, submitted_at,
	finished_at) on public.trainings to authenticated;
create policy trainings_select_own on public.trainings for select to authenticated
	using (owner_id = (select private.person()));

create table public.loras (
	id uuid primary key default gen_random_uuid(),
	owner_id uuid not null references public.profiles (owner_id) on delete cascade,
	shoot_id uuid not null references public.shoots (id) on delete cascade,
	training_id uuid not null references public.trainings (id) on delete cascade
		constraint loras_one_per_training unique,
	storage_key text not null constraint loras_storage_key_is_unique unique,
	bytes bigint not null constraint loras_bytes_are_positive check (bytes > 0),
	sha256 public.sha256 not null,
	base_family text not null default 'flux-1',
	trigger_phrase text not null,
	created_at timestamptz not null default now(),
	last_used_at timestamptz not null default now(),
	extensions smallint not null default 0 constraint loras_are_extended_at_most_4_times check (extensions between 0 and 4),
	keep_until timestamptz not null default now(),
	deleted_at timestamptz,
	constraint loras_belong_to_one_shoot_of_one_person unique (id, owner_id, shoot_id)
);
comment on table public.loras is 'The private model: weights in our own bucket, and the phrase that calls the person up.';
comment on column public.loras.extensions is 'How often the person has kept it 7 days more since its last use.';
comment on column public.loras.keep_until is 'Written by the retention chapter.';
comment on column public.loras.deleted_at is 'The weights are gone or going; the row stays, because portraits were made with it.';
create index loras_keep_until on public.loras (keep_until) where deleted_at is null;
create index loras_owner_id on public.loras (owner_id);
create index loras_shoot_id on public.loras (shoot_id);

alter table public.loras enable row level security;
grant select (id, owner_id, shoot_id, bytes, base_family, created_at, last_used_at, extensions, keep_until, deleted_at),
	update (extensions)
	on public.loras to authenticated;
create policy loras_select_own on public.loras for select to authenticated
	using (owner_id = (select private.person()));
create policy loras_update_own on public.loras for update to authenticated
	using (owner_id = (select private.person()) and deleted_at is null)
	with check (owner_id = (select private.person()));

create function service.seal_photos(
	p_owner_id uuid, p_shoot_id uuid, p_photo_ids uuid[] default null, as_of timestamptz default now()
)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_shoot public.shoots := private.lock_shoot(p_shoot_id, p_owner_id);
	v_training public.trainings;
	v_sealed uuid[];
	v_number integer;
	v_hold_id uuid;
begin
	if v_shoot.engine = 'instant' and v_shoot.status = 'generating' then return null; end if;
	if v_shoot.status = 'training' then
		select * into v_training from public.trainings
		where shoot_id = p_shoot_id and status in ('queued', 'running');
		return v_training.id;
	end if;
	perform private.require_photo_set(v_shoot);
	perform private.require_consents(p_owner_id, private.consents_for(v_shoot.engine));
	perform private.require_unrestricted(p_owner_id);
	with sealed as (
		update public.photos set sealed_at = coalesce(sealed_at, as_of), file_name = null
		where shoot_id = p_shoot_id and deleted_at is null and uploaded_at is not null
		returning id
	)
	select array_agg(id) into v_sealed from sealed;
	-- Again after the update: a photo may have been deleted while we waited for its row, or come since it was examined.
	if coalesce(cardinality(v_sealed), 0) not between private.min_photos(v_shoot.engine) and private.max_photos(v_shoot.engine)
		or not (v_sealed <@ coalesce(p_photo_ids, v_sealed)) then
		perform private.refuse(409, 'not_now', 'The photos have changed meanwhile.', 'Look at them again, then start.');
	end if;
	if v_shoot.engine = 'instant' then
		select count(*) + 1 into v_number from public.credit_holds where owner_id = p_owner_id and shoot_id = p_shoot_id;
		update public.shoots set status = 'generating' where id = p_shoot_id returning * into v_shoot;
		if private.plan_first_round(v_shoot, null, format('instant:%s:%s', v_number, p_shoot_id), as_of) = 0 then
			perform private.refuse(402, 'credits_missing', 'There are no portrait credits left.', 'Buy another offer to go on.');
		end if;
		return null;
	end if;
	select count(*) + 1 into v_number from public.trainings where shoot_id = p_shoot_id;
	v_hold_id := private.open_hold(v_shoot, 'training', 1,
		format('training:%s:%s', v_number, p_shoot_id), 'Set aside for training your model');
	insert into public.trainings (owner_id, shoot_id, hold_id, created_at)
	values (p_owner_id, p_shoot_id, v_hold_id, as_of)
	returning * into v_training;
	update public.shoots set status = 'training' where id = p_shoot_id;
	perform private.enqueue('start_training', 'training_id', v_training.id::text);
	return v_training.id;
end $$;
comment on function service.seal_photos is
	'Seals the photos, once. Studio: holds a training credit, plans the training and answers its id. Instant: plans the portraits at once; nothing is trained. With p_photo_ids: refuses (409) when others than these would be sealed. Refuses: 402 credits, 403 consent, 404, 409, 422 as photos_to_seal.';
grant execute on function service.seal_photos to service_role;

create function private.dataset_key(p_training public.trainings)
returns text
language sql
immutable
set search_path = ''
as $$
	select format('%s/%s/%s.zip', p_training.owner_id, p_training.shoot_id, p_training.id)
$$;

create function private.lora_key(p_training public.trainings)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
	return format('%s/%s/%s.safetensors', p_training.owner_id, p_training.shoot_id, p_training.id);
end $$;

create function service.training_work(p_training_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
	v_training public.trainings;
begin
	select * into v_training from public.trainings where id = p_training_id;
	if not found then
		perform private.refuse(404, 'not_found', 'There is no such training.', 'It may have been erased.');
	end if;
	return jsonb_build_object(
		'id', v_training.id,
		'ownerId', v_training.owner_id,
		'shootId', v_training.shoot_id,
		'status', v_training.status,
		'triggerPhrase', v_training.trigger_phrase,
		'datasetKey', private.dataset_key(v_training),
		'loraKey', private.lora_key(v_training),
		'photos', (
			select coalesce(jsonb_agg(jsonb_build_object(
				'id', p.id, 'ownerId', p.owner_id, 'shootId', p.shoot_id, 'storageKey', p.storage_key,
				'contentType', p.content_type, 'bytes', p.bytes, 'sha256', p.sha256,
				'width', p.width, 'height', p.height) order by p.created_at, p.id), '[]')
			from public.photos p
			where p.shoot_id = v_training.shoot_id and p.sealed_at is not null and p.deleted_at is null
		),
		'submittedAt', v_training.submitted_at,
		'request', private.request_as_json(v_training.request_id),
		'isPermitted', private.is_permitted(v_training.owner_id, 'studio')
			and (select status <> 'refunded' from public.shoots where id = v_training.shoot_id)
	);
end $$;
comment on function service.training_work is
	'Everything a step of the training needs: TrainingWork of domain/training.ts without what is configuration. Refuses (404) what was erased.';
grant execute on function service.training_work to service_role;

create function service.begin_training_submit(p_training_id uuid, as_of timestamptz default now())
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_training public.trainings;
begin
	update public.trainings set status = 'running', submitted_at = as_of
	where id = p_training_id and status = 'queued' and private.is_permitted(owner_id, 'studio');
	if found then return true; end if;
	-- Late: the training has ended while its dataset was made, and nothing else would delete that again.
	select * into v_training from public.trainings where id = p_training_id and finished_at is not null;
	if found then perform private.enqueue_deletion('datasets', array[private.dataset_key(v_training)]); end if;
	return false;
end $$;
comment on function service.begin_training_submit is
	'True for the one caller that may send the request; the last look at whether the person still permits it.';
grant execute on function service.begin_training_submit to service_role;

create function service.record_training_request(
	p_training_id uuid, p_endpoint text, p_request_id text,
	p_status_url text, p_response_url text, p_cancel_url text,
	as_of timestamptz default now()
)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_training public.trainings;
begin
	-- Waits for an erasure that is about to take the row.
	select * into v_training from public.trainings where id = p_training_id for key share;
	if not found then
		perform private.leave_to_erasure('training', p_training_id, p_endpoint, p_request_id,
			p_status_url, p_response_url, p_cancel_url, as_of);
		return false;
	end if;
	insert into private.provider_requests
		(request_id, endpoint, status_url, response_url, cancel_url, owner_id, shoot_id, training_id, submitted_at)
	values
		(p_request_id, p_endpoint, p_status_url, p_response_url, p_cancel_url,
			v_training.owner_id, v_training.shoot_id, p_training_id, as_of)
	on conflict do nothing;
	update public.trainings set request_id = p_request_id
	where id = p_training_id and status = 'running' and coalesce(request_id, p_request_id) = p_request_id;
	if found then return true; end if;
	-- A second request, or one that is no longer wanted: nothing of it may stay at the provider.
	if v_training.request_id is distinct from p_request_id then perform private.forget(p_request_id); end if;
	return false;
end $$;
comment on function service.record_training_request is
	'Notes what the provider accepted. False when it is not the request of this training (any more): it will be forgotten there, and should be cancelled.';
grant execute on function service.record_training_request to service_role;

create function service.clear_training_submit(p_training_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
	update public.trainings set status = 'queued', submitted_at = null
	where id = p_training_id and status = 'running' and request_id is null;
	if not found then perform private.drop_unanswered('training', p_training_id); end if;
end $$;
comment on function service.clear_training_submit is 'After a submit that was certainly not accepted: it may be tried again.';
grant execute on function service.clear_training_submit to service_role;

create function service.note_training_progress(
	p_training_id uuid, p_position integer default null, p_percent integer default null,
	as_of timestamptz default now()
)
returns void
language sql
security definer
set search_path = ''
as $$
	update public.trainings
	set queue_position = p_position, heard_at = as_of,
		progress_percent = greatest(progress_percent, least(greatest(p_percent, 0), 100))
	where id = p_training_id and status = 'running'
$$;
grant execute on function service.note_training_progress to service_role;

create function private.lock_training(p_training_id uuid)
returns public.trainings
language plpgsql
set search_path = ''
as $$
declare
	v_training public.trainings;
begin
	select * into v_training from public.trainings where id = p_training_id;
	if v_training.id is not null then
		perform private.lock_shoot(v_training.shoot_id);
		select * into v_training from public.trainings where id = p_training_id for no key update;
	end if;
	return v_training;
end $$;

create function service.record_lora(
	p_training_id uuid, p_bytes bigint, p_sha256 text, as_of timestamptz default now()
)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_training public.trainings := private.lock_training(p_training_id);
	v_shoot public.shoots;
	v_lora public.loras;
begin
	if v_training.status is distinct from 'running' then
		-- Late: the weights came home to a training that had ended. Nobody wants them, here or there.
		if v_training.status in ('failed', 'cancelled') then
			perform private.forget(v_training.request_id);
			perform private.enqueue_deletion('loras', array[private.lora_key(v_training)]);
		end if;
		return false;
	end if;
	update public.trainings
	set status = 'succeeded', progress_percent = 100, queue_position = null, finished_at = as_of
	where id = p_training_id;
	perform private.capture_hold(v_training.hold_id, 'training:' || p_training_id, 'Your model was trained');
	insert into public.loras
		(owner_id, shoot_id, training_id, storage_key, bytes, sha256, trigger_phrase, created_at, last_used_at)
	values (v_training.owner_id, v_training.shoot_id, p_training_id, private.lora_key(v_training),
		p_bytes, p_sha256, v_training.trigger_phrase, as_of, as_of)
	returning * into v_lora;
	perform private.forget(v_training.request_id);
	perform private.enqueue_deletion('datasets', array[private.dataset_key(v_training)]);

	update public.shoots set status = 'generating' where id = v_training.shoot_id returning * into v_shoot;
	if private.plan_first_round(v_shoot, v_lora.id, 'pack:' || p_training_id, as_of) = 0 then
		update public.shoots set status = 'ready' where id = v_shoot.id;
	end if;
	return true;
end $$;
comment on function service.record_lora is
	'The weights are home: ends the training, keeps the lora, plans the pack''s portraits, has the provider forget. False when the training had ended before.';
grant execute on function service.record_lora to service_role;

create function private.end_training(
	p_training public.trainings, p_status public.work_status, p_code text, p_reason text, as_of timestamptz
)
returns void
language plpgsql
set search_path = ''
as $$
begin
	update public.trainings
	set status = p_status, failure = p_code, queue_position = null, finished_at = as_of
	where id = p_training.id;
	perform private.release_hold(p_training.hold_id, 'training:' || p_training.id, p_reason);
	perform private.forget(p_training.request_id, p_status = 'cancelled' or p_code = 'not_permitted');
	perform private.enqueue_deletion('datasets', array[private.dataset_key(p_training)]);
	-- A worker may have died with the weights just stored.
	if p_training.status = 'running' then
		perform private.enqueue_deletion('loras', array[private.lora_key(p_training)]);
	end if;
end $$;

create function service.fail_training(p_training_id uuid, p_code text, as_of timestamptz default now())
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_training public.trainings := private.lock_training(p_training_id);
begin
	if v_training.id is null then perform private.drop_unanswered('training', p_training_id); end if;
	if v_training.id is null or v_training.status not in ('queued', 'running') then return false; end if;
	perform private.end_training(v_training, 'failed', p_code, 'The training failed; its credit is back', as_of);
	update public.shoots set status = 'failed', failure = p_code
	where id = v_training.shoot_id;
	perform private.write_mail(v_training.owner_id, 'training_failed:' || p_training_id, 'training_failed',
		jsonb_build_object('shoot_id', v_training.shoot_id, 'failure', p_code));
	return true;
end $$;
comment on function service.fail_training is
	'Ends an open training: its credit goes back, the person is told, the provider forgets. False when it had ended before.';
grant execute on function service.fail_training to service_role;
