-- The photos a person uploads. A row comes first and names the one key its file may have;
-- sealing makes the set unchangeable while a lora is trained from it.

create table public.photos (
	id uuid primary key default gen_random_uuid(),
	owner_id uuid not null default auth.uid() references public.profiles (owner_id) on delete cascade,
	shoot_id uuid not null references public.shoots (id) on delete cascade,
	storage_key text not null default '' constraint photos_storage_key_is_unique unique,
	file_name text constraint photos_file_name_is_short check (char_length(file_name) <= 255),
	content_type text not null
		constraint photos_content_type_is_jpeg_png_or_webp
			check (content_type in ('image/jpeg', 'image/png', 'image/webp')),
	bytes integer not null constraint photos_bytes_at_most_5_mb check (bytes between 1 and 5000000),
	sha256 public.sha256 not null,
	width integer not null constraint photos_width_at_most_1536 check (width between 1 and 1536),
	height integer not null constraint photos_height_at_most_1536 check (height between 1 and 1536),
	created_at timestamptz not null default now(),
	uploaded_at timestamptz,
	sealed_at timestamptz,
	deleted_at timestamptz,
	keep_until timestamptz not null default now()
);
comment on table public.photos is 'An uploaded selfie: what the browser measured of it, and where its file lies.';
comment on column public.photos.storage_key is 'Written by the trigger below, whatever is asked for: <owner>/<shoot>/<photo>.<jpg|png|webp> in the bucket photos.';
comment on column public.photos.file_name is 'As on the person''s device, to recognise it by; forgotten at sealing.';
comment on column public.photos.deleted_at is 'From now on invisible; the row goes when its file is gone.';
comment on column public.photos.keep_until is 'Written by the retention chapter, at once and whenever what it depends on changes.';
create unique index photos_same_picture_once_per_shoot
	on public.photos (shoot_id, sha256) where deleted_at is null;
create index photos_owner_id on public.photos (owner_id);
create index photos_keep_until on public.photos (keep_until) where deleted_at is null;

alter table public.photos enable row level security;
grant select,
	insert (shoot_id, sha256, content_type, bytes, width, height, file_name),
	update (deleted_at)
	on public.photos to authenticated;
-- A deleted row is still visible to the transaction that deletes it: Postgres holds an updated row
-- against the select policy, too.
create policy photos_select_own_live on public.photos for select to authenticated
	using (owner_id = (select private.person()) and (deleted_at is null or deleted_at = now()));
create policy photos_insert_own on public.photos for insert to authenticated
	with check (owner_id = (select private.person()));
create policy photos_update_own on public.photos for update to authenticated
	using (owner_id = (select private.person()) and deleted_at is null)
	with check (owner_id = (select private.person()));

create function private.min_photos(p_engine public.engine) returns integer
language sql immutable set search_path = '' as $$ select case p_engine when 'studio' then 10 else 1 end $$;
create function private.max_photos(p_engine public.engine) returns integer
language sql immutable set search_path = '' as $$ select case p_engine when 'studio' then 20 else 5 end $$;
comment on function private.min_photos is 'Mirror of photoCounts in domain/engine.ts.';
comment on function private.max_photos is 'Mirror of photoCounts in domain/engine.ts.';

-- Runs as its owner, to lock the shoot and to write what the client may not: key, times, owner.
create function private.accept_photo()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_shoot public.shoots := private.lock_shoot(new.shoot_id, new.owner_id);
begin
	perform private.require_consents(new.owner_id, private.consents_for(v_shoot.engine));
	if v_shoot.status not in ('paid', 'failed') then
		perform private.refuse(409, 'not_now', 'Photos cannot be added to this shoot now.',
			case v_shoot.status when 'draft' then 'Choose an offer and pay first.'
				else 'Its photos are in use or have done their work.' end);
	end if;
	if (select count(*) from public.photos where shoot_id = new.shoot_id and deleted_at is null)
		>= private.max_photos(v_shoot.engine) then
		perform private.refuse(409, 'too_many',
			format('This shoot takes at most %s photos.', private.max_photos(v_shoot.engine)), 'Take one out first.');
	end if;
	new.id := gen_random_uuid();
	new.storage_key := format('%s/%s/%s.%s', new.owner_id, new.shoot_id, new.id,
		case new.content_type when 'image/jpeg' then 'jpg' when 'image/png' then 'png' else 'webp' end);
	return new;
end $$;

create trigger photos_are_accepted
	before insert on public.photos
	for each row execute function private.accept_photo();

-- Runs as its owner, to refuse in our words.
-- It must not lock the shoot: an update locks its row first, and sealing goes the other way round.
-- A photo that is deleted while the set is sealed is decided by the lock on the photo's own row.
create function private.guard_photo()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	if new.deleted_at is distinct from old.deleted_at then
		if old.deleted_at is not null then
			new.deleted_at := old.deleted_at;
		elsif old.sealed_at is not null
			and (select status from public.shoots where id = old.shoot_id) = 'training' then
			perform private.refuse(409, 'not_now', 'This photo is being learned from.',
				'It can be deleted as soon as the training has ended.');
		else
			new.deleted_at := now();
		end if;
	end if;
	return new;
end $$;

-- What people write is guarded; the server's own functions have looked before, at many rows at once.
create trigger photos_are_guarded
	before update of deleted_at on public.photos
	for each row when (current_user = 'authenticated')
	execute function private.guard_photo();

-- Runs as its owner, to enqueue: one job a thousand files, however many photos one statement deletes.
create function private.delete_photo_files()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	perform private.enqueue_deletion('photos', array_agg(new_rows.storage_key order by new_rows.storage_key))
	from old_rows
	join new_rows on new_rows.id = old_rows.id
	where old_rows.deleted_at is null and new_rows.deleted_at is not null;
	return null;
end $$;

create trigger photos_take_their_files_along
	after update on public.photos
	referencing old table as old_rows new table as new_rows
	for each statement execute function private.delete_photo_files();

create function service.photos_to_seal(p_owner_id uuid, p_shoot_id uuid)
returns table (
	id uuid, owner_id uuid, shoot_id uuid, storage_key text, content_type text,
	bytes integer, sha256 text, width integer, height integer
)
language plpgsql
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
	v_shoot public.shoots := private.lock_shoot(p_shoot_id, p_owner_id);
begin
	-- Started already: a second click finds nothing left to examine.
	if v_shoot.status = private.status_once_sealed(v_shoot.engine) then return; end if;
	perform private.require_photo_set(v_shoot);
	return query
		select id, owner_id, shoot_id, storage_key, content_type, bytes, sha256::text, width, height
		from public.photos p
		where p.shoot_id = p_shoot_id and p.deleted_at is null
		order by created_at, id;
end $$;
comment on function service.photos_to_seal is
	'The live photos of a shoot that may be sealed. Refuses: 404 not theirs, 409 not now, 422 too few or not all there.';
grant execute on function service.photos_to_seal to service_role;

create function private.status_once_sealed(p_engine public.engine) returns public.shoot_status
language sql immutable set search_path = ''
as $$ select case p_engine when 'studio' then 'training' else 'generating' end::public.shoot_status $$;

create function private.require_photo_set(p_shoot public.shoots)
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_count integer;
	v_uploaded integer;
begin
	if p_shoot.status not in ('paid', 'failed')
		or exists (select from public.loras where shoot_id = p_shoot.id and deleted_at is null) then
		perform private.refuse(409, 'not_now', 'This shoot cannot be started now.',
			'Reload the page to see where it is.');
	end if;
	select count(*), count(uploaded_at) into v_count, v_uploaded
	from public.photos where shoot_id = p_shoot.id and deleted_at is null;
	if v_uploaded < v_count then
		perform private.refuse(422, 'photos_unfit', 'Some photos have not arrived yet.',
			'Wait for their upload, or take them out.');
	end if;
	if v_count not between private.min_photos(p_shoot.engine) and private.max_photos(p_shoot.engine) then
		perform private.refuse(422, 'photos_unfit',
			format('This shoot needs %s to %s photos; there are %s.',
				private.min_photos(p_shoot.engine), private.max_photos(p_shoot.engine), v_count),
			'Add or take out photos, then start again.');
	end if;
end $$;

create function service.reject_photos(p_owner_id uuid, p_shoot_id uuid, p_ids uuid[])
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_shoot public.shoots := private.lock_shoot(p_shoot_id, p_owner_id);
begin
	-- Another tab has found them fit and started: they are in use now.
	if v_shoot.status = private.status_once_sealed(v_shoot.engine) then return; end if;
	update public.photos set deleted_at = now()
	where id = any (p_ids) and shoot_id = p_shoot_id and owner_id = p_owner_id and deleted_at is null;
end $$;
comment on function service.reject_photos is 'Takes out photos that the server found unfit; their files follow.';
grant execute on function service.reject_photos to service_role;
