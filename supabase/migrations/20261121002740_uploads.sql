-- Uploads: the server gives out an address for one photo, and looks at what has come before it is believed.
-- An address lets a file in until it ends, whatever has become of its row meanwhile: each is noted, so that
-- what comes too late is deleted.

create table private.upload_urls (
	storage_key text primary key,
	owner_id uuid not null references public.profiles (owner_id) on delete cascade,
	shoot_id uuid not null references public.shoots (id) on delete cascade,
	ends_at timestamptz not null
);
comment on table private.upload_urls is
	'Addresses for uploads that are still good, or were a moment ago, at a store that takes what comes by them whatever the rows say.';
create index upload_urls_ends_at on private.upload_urls (ends_at);
create index upload_urls_owner_id on private.upload_urls (owner_id);
create index upload_urls_shoot_id on private.upload_urls (shoot_id);

create function private.upload_grace() returns interval
language sql immutable set search_path = '' as $$ select interval '4 minutes' $$;
comment on function private.upload_grace is
	'How long an upload may take that began in time: the page gives up after three minutes.';

create function service.note_upload_url(
	p_owner_id uuid, p_photo_id uuid, p_ends_at timestamptz
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_photo public.photos;
begin
	select * into v_photo from public.photos
	where id = p_photo_id and owner_id = p_owner_id and deleted_at is null
	for update;
	if not found then
		perform private.refuse(404, 'not_found', 'This photo is no longer here.', 'Reload the page to see what is.');
	end if;
	if v_photo.uploaded_at is not null or v_photo.sealed_at is not null then
		perform private.refuse(409, 'not_now', 'This photo is here already.', 'Reload the page to see it.');
	end if;
	insert into private.upload_urls as u (storage_key, owner_id, shoot_id, ends_at)
	values (v_photo.storage_key, v_photo.owner_id, v_photo.shoot_id, p_ends_at)
	on conflict (storage_key) do update set ends_at = greatest(u.ends_at, excluded.ends_at);
end $$;
comment on function service.note_upload_url is
	'To be called before an address is given out. Refuses 404 what is not there or not theirs, 409 what has arrived.';
grant execute on function service.note_upload_url to service_role;

create function service.record_upload(p_owner_id uuid, p_photo_id uuid, as_of timestamptz default now())
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
	update public.photos set uploaded_at = coalesce(uploaded_at, as_of)
	where id = p_photo_id and owner_id = p_owner_id and deleted_at is null;
	if not found then
		perform private.refuse(404, 'not_found', 'This photo is no longer here.', 'Reload the page to see what is.');
	end if;
end $$;
comment on function service.record_upload is
	'The file of a photo is there, whole, and what it was announced to be: the caller has looked. Once; refuses 404 what is not theirs.';
grant execute on function service.record_upload to service_role;

create function private.end_uploads(as_of timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_keys text[];
begin
	with ended as (
		delete from private.upload_urls where ends_at <= as_of - private.upload_grace() returning storage_key
	)
	select array_agg(e.storage_key order by e.storage_key) into v_keys from ended e
	where not exists (
		select from public.photos p where p.storage_key = e.storage_key and p.deleted_at is null);
	if v_keys is not null then
		perform private.enqueue_deletion('photos', v_keys);
	end if;
end $$;
comment on function private.end_uploads is
	'Nothing can come by these addresses any more: where the photo has gone meanwhile, its file is deleted once more.';
