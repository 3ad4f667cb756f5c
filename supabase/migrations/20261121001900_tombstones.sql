-- Tombstones: what was erased stays erased. A hash of a random id is all that is left of it,
--   and nothing that arrives late, and no restore, brings anything back.

create table private.tombstones (
	kind text not null constraint tombstones_kind_is_known check (kind in ('account', 'shoot', 'model')),
	hash public.sha256 not null,
	erased_at timestamptz not null,
	primary key (kind, hash)
);
comment on table private.tombstones is
	'SHA-256 of the random id of what was erased (of a model: its training). A copy lies in the bucket tombstones, where no restore of the database reaches it.';

create function private.keep_tombstone()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
	raise exception using errcode = '42501', message = 'A tombstone stays.';
end $$;
create trigger tombstones_stay
	before update or delete or truncate on private.tombstones
	for each statement execute function private.keep_tombstone();

create function private.tombstone_of(p_id text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
	return encode(sha256(convert_to(lower(p_id), 'UTF8')), 'hex');
end $$;

create function service.is_erased(p_key text)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
	select exists (
		select from private.tombstones
		where (kind, hash) in (
			('account', private.tombstone_of(split_part(p_key, '/', 1))),
			('shoot', private.tombstone_of(split_part(p_key, '/', 2))),
			('model', private.tombstone_of(split_part(split_part(p_key, '/', 3), '.', 1)))))
$$;
comment on function service.is_erased is
	'Whether what a file belongs to has been erased. Keys are <account>/<shoot>/<name>; a model''s name is its training''s.';
grant execute on function service.is_erased to service_role;

-- Runs as its owner: Storage writes rows for people and for the server alike, and also for an upload
-- that was signed before the erasure.
create function private.refuse_late_object()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	if service.is_erased(new.name) then
		raise exception using errcode = '42501', message = 'What this file belongs to has been erased.';
	end if;
	return new;
end $$;
create trigger objects_stay_erased
	before insert or update of name, bucket_id on storage.objects
	for each row when (new.bucket_id <> 'tombstones')
	execute function private.refuse_late_object();

insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values ('tombstones', 'tombstones', false, 1000, array['application/json'])
on conflict (id) do update set
	public = excluded.public,
	file_size_limit = excluded.file_size_limit,
	allowed_mime_types = excluded.allowed_mime_types;

create function service.replay_tombstones(p_tombstones jsonb, as_of timestamptz default now())
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_back integer := 0;
	v_row record;
begin
	insert into private.tombstones (kind, hash, erased_at)
	select t.kind, t.hash, as_of from jsonb_to_recordset(p_tombstones) as t (kind text, hash text)
	on conflict do nothing;
	for v_row in
		select u.id as owner_id, 'account' as scope, null::uuid as shoot_id from auth.users u
		join private.tombstones t on t.kind = 'account' and t.hash = private.tombstone_of(u.id::text)
		union all
		select s.owner_id, 'shoot', s.id from public.shoots s
		join private.tombstones t on t.kind = 'shoot' and t.hash = private.tombstone_of(s.id::text)
		union all
		select l.owner_id, 'model', l.shoot_id from public.loras l
		join private.tombstones t on t.kind = 'model' and t.hash = private.tombstone_of(l.training_id::text)
		where l.deleted_at is null
	loop
		continue when not exists (select from auth.users where id = v_row.owner_id)
			or (v_row.scope <> 'account' and not exists (select from public.shoots where id = v_row.shoot_id));
		perform service.request_erasure(v_row.owner_id, v_row.scope, v_row.shoot_id, false, 'restore', as_of);
		v_back := v_back + 1;
	end loop;
	update private.serving set tombstones_at = as_of where closed_at is not null;
	return v_back;
end $$;
comment on function service.replay_tombstones is
	'After a restore, before anybody is let in, with every tombstone that lies out of its reach: erases again what an older database has brought back. Answers how much that was.';
grant execute on function service.replay_tombstones to service_role;
