-- Files are private. A person may put a file where a row of theirs says, and read what a row of theirs names;
-- everything else is the server's. There is no policy for update or delete, and none for anon.

insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values
	('photos', 'photos', false, 5000000, array['image/jpeg', 'image/png', 'image/webp']),
	('datasets', 'datasets', false, 200000000, array['application/zip']),
	('loras', 'loras', false, 1000000000, array['application/octet-stream']),
	('headshots', 'headshots', false, 25000000, array['image/jpeg', 'image/png', 'image/webp'])
on conflict (id) do update set
	public = excluded.public,
	file_size_limit = excluded.file_size_limit,
	allowed_mime_types = excluded.allowed_mime_types;

create policy photos_select_own on storage.objects for select to authenticated
	using (
		bucket_id = 'photos' and exists (
			select from public.photos p
			where p.storage_key = objects.name and p.owner_id = (select private.person()) and p.deleted_at is null
		)
	);

create policy photos_insert_named on storage.objects for insert to authenticated
	with check (
		bucket_id = 'photos' and exists (
			select from public.photos p
			where p.storage_key = objects.name and p.owner_id = (select private.person())
				and p.uploaded_at is null and p.sealed_at is null and p.deleted_at is null
		)
	);

create policy headshots_select_own on storage.objects for select to authenticated
	using (
		bucket_id = 'headshots' and exists (
			select from public.headshots h
			where (h.storage_key = objects.name or h.thumbnail_key = objects.name)
				and h.owner_id = (select private.person()) and h.deleted_at is null
		)
	);

-- An address that was signed for an upload is good for two hours, and asks no policy when it is used: its photo
-- may have been deleted meanwhile. Runs as its owner, whoever brings the file.
create function private.refuse_unannounced_photo()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	-- Held until the file is there: a deletion at this moment waits, and then finds it.
	perform from public.photos where storage_key = new.name and deleted_at is null for share;
	if not found then
		raise exception using errcode = '42501', message = 'This photo was not announced, or has been deleted.';
	end if;
	return new;
end $$;
create trigger photos_are_announced
	before insert or update of name, bucket_id on storage.objects
	for each row when (new.bucket_id = 'photos')
	execute function private.refuse_unannounced_photo();
