-- A headshot: one portrait that was delivered. Only then is its credit captured.

create table public.headshots (
	id uuid primary key default gen_random_uuid(),
	owner_id uuid not null references public.profiles (owner_id) on delete cascade,
	shoot_id uuid not null references public.shoots (id) on delete cascade,
	style_id text not null references public.styles (id),
	generation_id uuid not null references public.generations (id) on delete cascade
		constraint headshots_one_per_generation unique,
	edit public.edit_kind,
	original_id uuid references public.headshots (id) on delete set null,
	storage_key text not null constraint headshots_storage_key_is_unique unique,
	thumbnail_key text not null constraint headshots_thumbnail_key_is_unique unique,
	content_type text not null default 'image/jpeg'
		constraint headshots_content_type_is_jpeg_or_png check (content_type in ('image/jpeg', 'image/png')),
	width integer not null constraint headshots_width_is_positive check (width > 0),
	height integer not null constraint headshots_height_is_positive check (height > 0),
	bytes integer not null constraint headshots_bytes_are_positive check (bytes > 0),
	thumbnail_bytes integer not null constraint headshots_thumbnail_bytes_are_positive check (thumbnail_bytes > 0),
	sha256 public.sha256 not null,
	thumbnail_sha256 public.sha256 not null,
	is_favorite boolean not null default false,
	created_at timestamptz not null default now(),
	deleted_at timestamptz
);
comment on table public.headshots is 'One delivered portrait and its thumbnail.';
comment on column public.headshots.edit is 'What was changed of the portrait original_id, which is kept; null for one that is not an edit.';
comment on column public.headshots.content_type is
	'As the generator made it: its pictures are never encoded anew, which would take their own marks away. A thumbnail is a JPEG.';
comment on column public.headshots.sha256 is 'Of the marked bytes, as they are downloaded.';
comment on column public.headshots.thumbnail_sha256 is 'Of the marked bytes.';
create index headshots_shoot_id on public.headshots (shoot_id, created_at);
create index headshots_original_id on public.headshots (original_id) where original_id is not null;
create index headshots_owner_id on public.headshots (owner_id);

alter table public.headshots enable row level security;
grant select, update (is_favorite, deleted_at) on public.headshots to authenticated;
-- As for photos: a deleted row is still visible to the transaction that deletes it.
create policy headshots_select_own_live on public.headshots for select to authenticated
	using (owner_id = (select private.person()) and (deleted_at is null or deleted_at = now()));
create policy headshots_update_own on public.headshots for update to authenticated
	using (owner_id = (select private.person()) and deleted_at is null)
	with check (owner_id = (select private.person()));

-- Runs as its owner, to enqueue the deletion of the files.
create function private.guard_headshot()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	if old.deleted_at is not null then
		new.deleted_at := old.deleted_at;
	elsif new.deleted_at is not null then
		new.deleted_at := now();
		perform private.enqueue_deletion('headshots', array[old.storage_key, old.thumbnail_key]);
	end if;
	return new;
end $$;

create trigger headshots_are_guarded
	before update of deleted_at on public.headshots
	for each row execute function private.guard_headshot();

create function service.deliver_headshot(
	p_generation_id uuid, p_width integer, p_height integer, p_bytes integer, p_sha256 text,
	p_thumbnail_bytes integer, p_thumbnail_sha256 text, as_of timestamptz default now(),
	p_content_type text default 'image/jpeg', p_attempt integer default 1
)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_generation public.generations := private.lock_generation(p_generation_id);
	v_key text := private.headshot_key(v_generation, '', p_attempt, p_content_type);
	v_thumbnail_key text := private.headshot_key(v_generation, '_thumb', p_attempt);
begin
	if v_generation.id is null or not (v_generation.status = 'running' and v_generation.attempt = p_attempt) and not (
		-- The second try is under way or held up, and here is the picture of the first, which was paid as well.
		v_generation.status in ('queued', 'running') and exists (
			select from private.instant_calls where generation_id = p_generation_id and attempt = p_attempt)
	) then
		-- Late: it has been given up and its credit is back, or another try took its place. Nothing of it stays, here or at the provider.
		if v_generation.status in ('failed', 'cancelled') then perform private.forget(v_generation.request_id); end if;
		if (v_generation.status in ('succeeded', 'failed', 'cancelled') or p_attempt < v_generation.attempt) and not exists (
			select from public.headshots where generation_id = p_generation_id and storage_key = v_key
		) then
			perform private.enqueue_deletion('headshots', array[v_key, v_thumbnail_key]);
		end if;
		return false;
	end if;
	update public.generations set status = 'succeeded', finished_at = as_of where id = p_generation_id;
	insert into public.headshots
		(owner_id, shoot_id, style_id, generation_id, edit, original_id, storage_key, thumbnail_key, content_type,
			width, height, bytes, thumbnail_bytes, sha256, thumbnail_sha256, created_at)
	values
		(v_generation.owner_id, v_generation.shoot_id, v_generation.style_id, p_generation_id,
			v_generation.edit, (select id from public.headshots where id = v_generation.original_id),
			v_key, v_thumbnail_key, p_content_type,
			p_width, p_height, p_bytes, p_thumbnail_bytes, p_sha256, p_thumbnail_sha256, as_of);
	perform private.close_round(v_generation, as_of);
	perform private.capture_hold(v_generation.hold_id, 'generation:' || p_generation_id,
		'A portrait was delivered', p_generation_id);
	return true;
end $$;
comment on function service.deliver_headshot is
	'After the files are stored: the portrait appears, and its credit is captured. False when it was delivered before, or given up: then its files are deleted, unless delivered.';
grant execute on function service.deliver_headshot to service_role;

create function private.close_round(p_generation public.generations, as_of timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_delivered integer;
	v_shoot public.shoots;
begin
	if exists (
		select from public.generations
		where shoot_id = p_generation.shoot_id and finished_at is null and edit is null
	) then
		return;
	end if;
	if p_generation.engine = 'studio' then perform private.forget_delivered(p_generation.shoot_id); end if;
	if exists (
		select from public.generations where shoot_id = p_generation.shoot_id and status = 'succeeded'
	) then
		update public.shoots set status = 'ready'
		where id = p_generation.shoot_id and status = 'generating' returning * into v_shoot;
	else
		update public.shoots set status = 'failed', failure = 'no_portraits'
		where id = p_generation.shoot_id and status = 'generating' returning * into v_shoot;
	end if;
	if v_shoot.id is null then return; end if;
	select count(*) into v_delivered
	from public.generations where hold_id = p_generation.hold_id and status = 'succeeded';
	if v_delivered > 0 then
		perform private.write_mail(v_shoot.owner_id, 'portraits_ready:' || p_generation.hold_id, 'portraits_ready',
			jsonb_build_object('shoot_id', v_shoot.id, 'count', v_delivered));
	elsif v_shoot.status = 'failed' then
		perform private.write_mail(v_shoot.owner_id, 'no_portraits:' || p_generation.hold_id, 'training_failed',
			jsonb_build_object('shoot_id', v_shoot.id, 'failure', 'no_portraits'));
	end if;
end $$;
comment on function private.close_round is
	'Under the lock of the shoot, after a generation has ended: the last one makes the shoot ready, or failed when it has no portrait at all, and tells the person once. What was delivered is forgotten by its provider from then on.';
