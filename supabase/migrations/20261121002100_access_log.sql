-- Who or what has read a person's pictures, and the role of those who run the service, which can read none.

create table public.access_log (
	id uuid not null default gen_random_uuid(),
	owner_id uuid not null default auth.uid() references public.profiles (owner_id) on delete cascade,
	at timestamptz not null default now(),
	reader text not null default 'you'
		constraint access_log_reader_is_known check (reader in ('you', 'training', 'generation', 'export')),
	what text not null constraint access_log_what_is_known check (what in ('photo', 'portrait', 'model')),
	shoot_id uuid references public.shoots (id) on delete set null,
	items integer not null default 1 constraint access_log_items_are_sensible check (items between 1 and 10000),
	primary key (owner_id, at, id)
);
comment on table public.access_log is 'One row for each time a person''s photos, portraits or model were read, and by what.';
create index access_log_shoot_id on public.access_log (shoot_id);
create index access_log_at on public.access_log using brin (at);

alter table public.access_log enable row level security;
-- Time and reader are not the client's to write: what a page shows is noted as seen by you, now.
grant select, insert (what, shoot_id, items) on public.access_log to authenticated;
create policy access_log_select_own on public.access_log for select to authenticated
	using (owner_id = (select private.person()));
create policy access_log_insert_own on public.access_log for insert to authenticated
	with check (
		owner_id = (select private.person())
		and exists (select from public.shoots s where s.id = shoot_id and s.owner_id = (select private.person()))
	);

create function public.show_files(p_what text, p_shoot_id uuid default null, p_ids uuid[] default null)
returns table (id uuid, key text)
language sql
set search_path = ''
as $$
	with files as (
		select p.id, p.storage_key as key, p.shoot_id, 'photo' as what
		from public.photos p
		where p_what = 'photo' and (p.shoot_id = p_shoot_id or p.id = any (p_ids))
			and p.deleted_at is null and p.uploaded_at is not null
		union all
		select h.id, case p_what when 'thumbnail' then h.thumbnail_key else h.storage_key end, h.shoot_id, 'portrait'
		from public.headshots h
		where p_what in ('thumbnail', 'portrait') and (h.shoot_id = p_shoot_id or h.id = any (p_ids))
			and h.deleted_at is null
		limit 1000
	),
	noted as (
		insert into public.access_log (what, shoot_id, items)
		select f.what, f.shoot_id, count(*) from files f group by f.what, f.shoot_id
	)
	select f.id, f.key from files f
$$;
comment on function public.show_files is
	'Where the files lie that a person is about to be shown, of all of a shoot or of the rows they name; noted as seen by them, now.';
revoke execute on function public.show_files from public, anon;
grant execute on function public.show_files to authenticated;

create function service.record_access(
	p_owner_id uuid, p_reader text, p_what text, p_shoot_id uuid, p_count integer, as_of timestamptz default now()
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
	insert into public.access_log (owner_id, at, reader, what, shoot_id, items)
	select p_owner_id, as_of, p_reader, p_what, p_shoot_id, p_count where p_count > 0;
end $$;
comment on function service.record_access is 'Notes what a function has read for a person. None is no entry.';
grant execute on function service.record_access to service_role;

-- Where the reading happens: what is submitted has just been handed an address of the photos, or of the model.
create function private.note_training_access()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	perform service.record_access(new.owner_id, 'training', 'photo', new.shoot_id, (
		select count(*)::integer from public.photos
		where shoot_id = new.shoot_id and sealed_at is not null and deleted_at is null
	), new.submitted_at);
	return null;
end $$;

create trigger trainings_note_their_reading
	after update of status on public.trainings
	for each row when (old.status = 'queued' and new.status = 'running')
	execute function private.note_training_access();

create function private.note_generation_access()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	if new.engine = 'studio' then
		perform service.record_access(new.owner_id, 'generation', 'model', new.shoot_id, 1, new.submitted_at);
	else
		perform service.record_access(new.owner_id, 'generation',
			case when new.edit is null then 'photo' else 'portrait' end, new.shoot_id,
			jsonb_array_length(private.references_of(new)), new.submitted_at);
	end if;
	return null;
end $$;

create trigger generations_note_their_reading
	after update of status on public.generations
	for each row when (new.status = 'running' and new.submitted_at is distinct from old.submitted_at)
	execute function private.note_generation_access();

-- Those who run the service see counts and troubles: never a row with a picture's key, and no files.
do $$
begin
	if to_regrole('operator') is null then create role operator nologin noinherit; end if;
end $$;
create schema ops;
comment on schema ops is 'Views for the people who run the service; none has a key, an address or a name in it.';
grant usage on schema ops to operator;

create view ops.stuck_jobs as
	select id, kind, attempts, run_at, dead_at, last_error from private.jobs
	where dead_at is not null or attempts > 5;
comment on view ops.stuck_jobs is 'Jobs that are dead, or had more than five tries.';
grant select on ops.stuck_jobs to operator;

create view ops.deletions as
	select bucket, seen_gone_at::date as day, sum(objects) as objects from private.deletions group by 1, 2;
comment on view ops.deletions is 'How many files were deleted and seen to be gone, by day.';
grant select on ops.deletions to operator;
