-- Files and rows, both ways. A file that no row names is deleted when it has been seen twice; a row whose file is
-- gone is settled: a portrait's credit comes back and the person is told, a photo is taken out, a model is marked gone.
-- A file younger than a day is not judged: its row may be on its way. A row says so only of a file that was seen, and
-- is believed for an hour: an older database brings back rows of what was deleted since.

alter table private.reconciliation_turns
	add column position text not null default '',
	drop constraint reconciliation_turns_keeper_is_known,
	add constraint reconciliation_turns_keeper_is_known
		check (keeper in ('stripe', 'fal', 'drill', 'strays', 'losses', 'integrity'));
comment on column private.reconciliation_turns.position is 'Where the next turn begins, of books that are too thick for one: bucket and key, or a row.';
insert into private.reconciliation_turns (keeper, reached_at)
values ('strays', now()), ('losses', now()), ('integrity', now());

create function service.turn_position(p_keeper text)
returns text
language sql
stable
security definer
set search_path = ''
as $$
	select position from private.reconciliation_turns where keeper = p_keeper
$$;
grant execute on function service.turn_position to service_role;

create function service.leave_turn(p_keeper text, p_position text, as_of timestamptz default now())
returns void
language sql
security definer
set search_path = ''
as $$
	update private.reconciliation_turns set position = p_position, ended_at = as_of where keeper = p_keeper
$$;
comment on function service.leave_turn is 'So far for now; the next turn goes on from here.';
grant execute on function service.leave_turn to service_role;

create function private.as_uuid(p_text text)
returns uuid
language sql
immutable
set search_path = ''
as $$
	select case when pg_input_is_valid(p_text, 'uuid') then p_text::uuid end
$$;

create function private.names_file(p_bucket text, p_key text)
returns boolean
language sql
stable
set search_path = ''
as $$
	select case p_bucket
		when 'photos' then exists (select from public.photos where storage_key = p_key)
		when 'headshots' then exists (select from public.headshots where p_key in (storage_key, thumbnail_key))
			-- Put, and about to be delivered.
			or exists (
				select from public.generations g
				where g.id = private.as_uuid(split_part(replace(split_part(p_key, '/', 3), '_thumb', ''), '.', 1))
					and g.status in ('queued', 'running'))
		when 'loras' then exists (select from public.loras where storage_key = p_key and deleted_at is null)
			or exists (
				select from public.trainings t
				where t.id = private.as_uuid(split_part(split_part(p_key, '/', 3), '.', 1)) and t.status in ('queued', 'running'))
		when 'datasets' then exists (
			select from public.trainings t
			where t.id = private.as_uuid(split_part(split_part(p_key, '/', 3), '.', 1)) and t.status in ('queued', 'running'))
		else true
	end
$$;
comment on function private.names_file is 'Whether a row of ours says that this file should be there, or is about to.';

create function service.note_strays(p_bucket text, p_keys text[], as_of timestamptz default now())
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_strays text[];
	v_sure text[];
begin
	select coalesce(array_agg(asked.key), '{}') into v_strays
	from unnest(p_keys) as asked (key)
	where not private.names_file(p_bucket, asked.key)
		and not exists (
			select from private.jobs j
			where j.kind = 'delete_objects' and j.dead_at is null
				and j.payload ->> 'bucket' = p_bucket and j.payload -> 'keys' ? asked.key);
	-- Seen an hour ago at least, and still nobody's.
	select coalesce(array_agg(key order by key), '{}') into v_sure
	from unnest(v_strays) as stray (key)
	join private.reconciliation_differences d
		on d.kind = 'file_of_nobody' and d.subject = p_bucket || ' ' || private.tombstone_of(key)
	where d.found_at <= as_of - interval '1 hour';
	perform private.enqueue_deletion(p_bucket, v_sure);
	perform service.note_difference('file_of_nobody', p_bucket || ' ' || private.tombstone_of(key),
		case when key = any (v_sure) then 'deleting' else 'seen' end, as_of)
	from unnest(v_strays) as stray (key);
	return cardinality(v_sure);
end $$;
comment on function service.note_strays is
	'Of these files, all older than the grace, the ones that no row names: noted by a hash at first sight, deleted at second. Answers how many are being deleted.';
grant execute on function service.note_strays to service_role;

create function service.files_to_look_for(p_position text, p_limit integer, as_of timestamptz default now())
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
	select coalesce(jsonb_agg(jsonb_build_object('bucket', bucket, 'key', key) order by bucket, key), '[]')
	from (
		select * from (
			(select 'headshots' as bucket, storage_key as key from public.headshots
			where deleted_at is null and created_at < as_of - interval '1 hour'
				and 'headshots ' || storage_key > p_position
			order by storage_key limit p_limit)
			union all
			(select 'loras', storage_key from public.loras
			where deleted_at is null and created_at < as_of - interval '1 hour' and 'loras ' || storage_key > p_position
			order by storage_key limit p_limit)
			union all
			(select 'photos', storage_key from public.photos
			where deleted_at is null and uploaded_at < as_of - interval '1 hour' and 'photos ' || storage_key > p_position
			order by storage_key limit p_limit)
		) as live
		order by bucket, key
		limit p_limit
	) as next
$$;
comment on function service.files_to_look_for is 'The next files that rows say are there, in order of bucket and key. Empty: start over.';
grant execute on function service.files_to_look_for to service_role;

create function private.tell_loss(p_owner_id uuid, p_key text, p_shoot_id uuid, p_what text)
returns void
language sql
set search_path = ''
as $$
	select private.write_mail(p_owner_id, 'file_lost:' || p_key, 'file_lost',
		jsonb_build_object('shoot_id', p_shoot_id, 'what', p_what))
$$;

create function service.settle_loss(p_bucket text, p_key text, as_of timestamptz default now())
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_headshot public.headshots;
	v_photo public.photos;
	v_lora public.loras;
	v_restored timestamptz := (select restored_at from private.serving);
	v_outcome text;
	v_subject text;
begin
	-- The shoot first, as everybody who works on it.
	perform from public.shoots where id = coalesce(
		(select shoot_id from public.headshots where p_bucket = 'headshots' and storage_key = p_key),
		(select shoot_id from public.photos where p_bucket = 'photos' and storage_key = p_key),
		(select shoot_id from public.loras where p_bucket = 'loras' and storage_key = p_key))
	for no key update;
	if p_bucket = 'headshots' then
		update public.headshots set deleted_at = as_of where storage_key = p_key and deleted_at is null
		returning * into v_headshot;
		if not found then return 'settled_before'; end if;
		v_subject := v_headshot.id;
		-- Of an older database, the person may have deleted it since: nothing is paid for that.
		if v_restored > v_headshot.created_at and v_restored > as_of - interval '14 days' then
			v_outcome := 'gone since the backup';
		else
			perform private.move_credits(v_headshot.owner_id, 'headshot', 'adjustment', 1, 0,
				'lost:' || v_headshot.id, 'A portrait was lost on our side; its credit is back',
				p_generation_id => v_headshot.generation_id);
			perform private.tell_loss(v_headshot.owner_id, v_headshot.id::text, v_headshot.shoot_id, 'portrait');
			v_outcome := 'credit given back';
		end if;
	elsif p_bucket = 'photos' then
		update public.photos p set deleted_at = as_of
		where storage_key = p_key and deleted_at is null
			and not exists (
				select from public.trainings t where t.shoot_id = p.shoot_id and t.status in ('queued', 'running'))
		returning * into v_photo;
		if not found then return 'settled_before'; end if;
		v_subject := v_photo.id;
		v_outcome := 'taken out';
		if coalesce(v_restored < v_photo.created_at, true) then
			perform private.tell_loss(v_photo.owner_id, v_photo.shoot_id::text || ':photos', v_photo.shoot_id, 'photo');
		end if;
	elsif p_bucket = 'loras' then
		update public.loras set deleted_at = as_of where storage_key = p_key and deleted_at is null
		returning * into v_lora;
		if not found then return 'settled_before'; end if;
		v_subject := v_lora.id;
		v_outcome := 'marked gone';
		if coalesce(v_restored < v_lora.created_at, true) then
			perform private.tell_loss(v_lora.owner_id, v_lora.id::text, v_lora.shoot_id, 'model');
		end if;
	else
		return 'settled_before';
	end if;
	perform service.note_difference('file_missing', v_subject, v_outcome, as_of);
	return v_outcome;
end $$;
comment on function service.settle_loss is
	'A row says that this file is there, and it is not. A portrait''s credit comes back, a photo is taken out, a model is marked gone; the person is told.';
grant execute on function service.settle_loss to service_role;

create function service.portraits_to_audit(p_position text, p_limit integer)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
	select coalesce(jsonb_agg(jsonb_build_object('id', id, 'key', storage_key, 'sha256', sha256) order by id), '[]')
	from (
		select id, storage_key, sha256 from public.headshots
		where deleted_at is null and id > coalesce(nullif(p_position, ''), '00000000-0000-0000-0000-000000000000')::uuid
		order by id limit p_limit
	) as next
$$;
comment on function service.portraits_to_audit is 'The next portraits whose bytes are compared with what was noted at delivery. Empty: start over.';
grant execute on function service.portraits_to_audit to service_role;
