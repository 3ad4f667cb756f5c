-- Whether this database may serve anybody. One that was set back (a restore) knows nothing of who was erased and
-- what was paid since: its doors are closed by what it is, before any program looks, until the drill has been done.

create table private.serving (
	is_only boolean primary key default true constraint serving_is_one_row check (is_only),
	cluster text,
	started_at timestamptz,
	file text,
	beat_at timestamptz,
	written_by bigint,
	held_at timestamptz,
	closed_at timestamptz,
	restored_at timestamptz,
	tombstones_at timestamptz,
	opened_at timestamptz
);
comment on table private.serving is 'The database as it was when it last served; one row.';
comment on column private.serving.cluster is 'Cluster, timeline and database; null before the first beat. A restore has another.';
comment on column private.serving.started_at is 'When this server started: the same start needs no second look.';
comment on column private.serving.file is 'Where this table lies, which names the database; moved by a rewrite, and then the second look is taken.';
comment on column private.serving.beat_at is 'The last sweep. A database that stood still for hours may be an older picture of itself.';
comment on column private.serving.written_by is
	'The transaction of the last beat, which is the one that wrote this row. From an older dump, played into the same database, it was written by another.';
comment on column private.serving.held_at is 'Closed by hand.';
comment on column private.serving.closed_at is 'Closed because it was set back.';
comment on column private.serving.restored_at is 'When a restore was last found.';
comment on column private.serving.tombstones_at is 'When who was erased since that restore was erased again; null while that is to be done.';
insert into private.serving default values;

create function private.cluster_here()
returns text
language sql
stable
set search_path = ''
as $$
	select format('%s/%s/%s', (pg_control_system()).system_identifier, (pg_control_checkpoint()).timeline_id,
		(select oid from pg_catalog.pg_database where datname = current_database()))
$$;
comment on function private.cluster_here is 'Differs after every kind of restore: another cluster, another timeline, or another database.';

-- Asked with every question of a person, so it is one row, and no function of ours, no other table, no control file.
create view private.plainly_serving as
	select from private.serving s
	where s.closed_at is null and s.held_at is null
		and s.beat_at >= now() - interval '6 hours' and s.written_by = s.xmin::text::bigint
		and s.started_at = pg_postmaster_start_time() and s.file = pg_relation_filepath(s.tableoid);
comment on view private.plainly_serving is 'A row, while a first look shows that this is the database of the last beat and its doors are open.';

create function private.is_serving()
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
	if exists (select from private.plainly_serving) then return true; end if;
	return (
		select num_nonnulls(s.closed_at, s.held_at) = 0
			and (s.cluster is null or (s.beat_at >= now() - interval '6 hours' and s.written_by = s.xmin::text::bigint
				and s.cluster = private.cluster_here()))
		from private.serving s);
end $$;

create function private.require_serving()
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
	if not private.is_serving() then
		perform private.refuse(503, 'provider_unavailable', 'We are closed for a moment.',
			'Something is being put back in order. Nothing is lost; please try again in a few minutes.');
	end if;
end $$;
comment on function private.require_serving is 'Refuses (503) everybody while the doors are closed.';

create function private.note_serving()
returns void
language plpgsql
set search_path = ''
as $$
begin
	update private.serving
	set beat_at = now(), cluster = private.cluster_here(), started_at = pg_postmaster_start_time(),
		file = pg_relation_filepath('private.serving');
	-- The row has just been written by this very transaction.
	update private.serving set written_by = xmin::text::bigint;
end $$;
comment on function private.note_serving is 'Notes what this database is while it serves: another one is known by that.';

create function service.beat(as_of timestamptz default now())
returns text
language plpgsql
security definer
set search_path = ''
as $$
begin
	-- Under the lock of the row: what is found closed is not opened by another's beat.
	perform from private.serving for update;
	if (select held_at is not null from private.serving) then return 'held'; end if;
	if not private.is_serving() then
		update private.serving
		set restored_at = as_of, closed_at = as_of,
			-- One that has merely stood still knows itself who was erased.
			tombstones_at = case when cluster = private.cluster_here() and written_by = xmin::text::bigint then as_of end
		where closed_at is null;
		return case when (select tombstones_at is null from private.serving) then 'set_back' else 'replayed' end;
	end if;
	perform private.note_serving();
	return 'open';
end $$;
comment on function service.beat is
	'At every sweep. open; set_back: an older database was put in place, and who was erased since is to be erased again; replayed: that is done, and payments are still to be settled; held: closed by hand, until somebody rings for the drill.';
grant execute on function service.beat to service_role;

create function service.begin_drill(as_of timestamptz default now())
returns void
language sql
security definer
set search_path = ''
as $$
	update private.serving
	set restored_at = as_of, closed_at = coalesce(closed_at, as_of), held_at = null, tombstones_at = null
$$;
comment on function service.begin_drill is 'Rung by the operator: whatever this database is, it is treated as one that was set back.';
grant execute on function service.begin_drill to service_role;

-- Runs as whoever asks PostgREST; a header that is not one of ours is none.
create function private.request_id()
returns uuid
language plpgsql
stable
set search_path = ''
as $$
begin
	return (
		select case when said ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then said::uuid end
		from (select nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-request-id' as said) as header
	);
end $$;
comment on function private.request_id is 'The number of the request that is being worked on, as its header says: it follows the work from job to job.';
