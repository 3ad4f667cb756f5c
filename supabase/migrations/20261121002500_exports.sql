-- Exports: everything that is held about a person, found from the catalogue so that no table is forgotten.

create table private.exports (
	id uuid primary key default gen_random_uuid(),
	owner_id uuid not null references public.profiles (owner_id) on delete cascade,
	created_at timestamptz not null,
	expires_at timestamptz not null,
	taken_at timestamptz
);
comment on table private.exports is 'Permission to take one copy of an account''s data, once and soon. The copy itself is kept nowhere.';
create index exports_owner_id on private.exports (owner_id, created_at);

-- One statement over every table with an owner: a new one is in the next copy without being named here.
create function private.rows_of_owner(p_owner_id uuid)
returns table (relation text, entry jsonb)
language plpgsql
stable
set search_path = ''
as $$
declare
	v_table record;
begin
	for v_table in
		select n.nspname, c.relname
		from pg_catalog.pg_class c
		join pg_catalog.pg_namespace n on n.oid = c.relnamespace
		join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'owner_id' and not a.attisdropped
		where n.nspname in ('public', 'private') and c.relkind in ('r', 'p')
		order by 1, 2
	loop
		return query execute format(
			'select %L, to_jsonb(t) - ''token'' from %I.%I t where owner_id = $1',
			v_table.nspname || '.' || v_table.relname, v_table.nspname, v_table.relname
		) using p_owner_id;
	end loop;
end $$;
comment on function private.rows_of_owner is 'Every row of public and private that names this person as its owner.';

create function private.rows_about(p_owner_id uuid)
returns table (relation text, entry jsonb)
language plpgsql
stable
set search_path = ''
as $$
declare
	v_ids text[];
	-- As the security log writes an address down.
	v_subject text := (
		select encode(sha256(convert_to(pepper || lower(btrim(email)), 'utf8')), 'hex')
		from private.peppers, public.profiles where owner_id = p_owner_id);
begin
	-- Numbers that are this person's alone; those of styles and offers are short, and everybody's.
	select array_agg(distinct value) into v_ids
	from private.rows_of_owner(p_owner_id) r, jsonb_each_text(r.entry)
	where (key = 'id' or key like '%\_id') and char_length(value) >= 16;

	return query select r.relation, r.entry from private.rows_of_owner(p_owner_id) r;
	-- Not in a copy: hashes of passwords and the tokens themselves. Whoever found it could sign in with them.
	return query
		select 'auth.users', to_jsonb(u) from (
			select id, email, created_at, updated_at, email_confirmed_at, last_sign_in_at, raw_user_meta_data
			from auth.users where id = p_owner_id
		) u
		union all
		select 'auth.identities', to_jsonb(i) from (
			select id, user_id, provider, identity_data, created_at, updated_at, last_sign_in_at
			from auth.identities where user_id = p_owner_id
		) i
		union all
		select 'auth.sessions', to_jsonb(s) - 'refresh_token_hmac_key' from auth.sessions s
		where user_id = p_owner_id
		union all
		select 'auth.refresh_tokens', to_jsonb(t) - 'token' - 'parent' from auth.refresh_tokens t
		where user_id::text = p_owner_id::text;
	return query
		select 'public.sign_in_attempts', to_jsonb(a) from public.sign_in_attempts a
		where email_hash = v_subject
		union all
		select 'private.rate_tokens', to_jsonb(t) from private.rate_tokens t
		where subject in (p_owner_id::text, v_subject);
	-- Asked by mail or form, from the same address.
	return query
		select 'private.subject_requests', to_jsonb(s) - 'token' from private.subject_requests s
		join public.profiles p on p.owner_id = p_owner_id and lower(s.email) = lower(p.email)
		where s.owner_id is distinct from p_owner_id;
	-- Work has no owner: it is theirs when it mentions what is theirs.
	return query
		select 'private.jobs', to_jsonb(j) - 'lease_token' from private.jobs j
		where private.mentions(j.payload, p_owner_id, v_ids)
		union all
		select 'private.webhook_events', to_jsonb(e) from private.webhook_events e
		where private.mentions(e.payload || to_jsonb(e.external_id), p_owner_id, v_ids)
		union all
		select 'private.erasure_steps', to_jsonb(s) from private.erasure_steps s
		where private.mentions(to_jsonb(s), p_owner_id, v_ids)
		union all
		select 'private.erasure_receipts', to_jsonb(r) from private.erasure_receipts r
		where private.mentions(to_jsonb(r), p_owner_id, v_ids)
		union all
		select 'private.payment_refunds', to_jsonb(p) from private.payment_refunds p
		where private.mentions(to_jsonb(p), p_owner_id, v_ids);
end $$;
comment on function private.rows_about is 'Everything in the database about a person, row by row, with the table it stands in.';

create function private.mentions(p_value jsonb, p_owner_id uuid, p_ids text[])
returns boolean
language sql
immutable
set search_path = ''
as $$
	select exists (
		select from jsonb_path_query(p_value, 'lax $.**') v
		where jsonb_typeof(v) = 'string'
			and (v #>> '{}' = any (p_ids) or starts_with(v #>> '{}', p_owner_id || '/'))
	)
$$;

create function service.read_data(p_owner_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
	v_rows jsonb;
	v_columns jsonb;
	v_files jsonb;
begin
	select coalesce(jsonb_object_agg(relation, entries), '{}') into v_rows
	from (
		select relation, jsonb_agg(entry order by entry ->> 'created_at', entry ->> 'id') as entries
		from private.rows_about(p_owner_id) group by relation
	) r;
	select coalesce(jsonb_object_agg(relation, columns), '{}') into v_columns
	from (
		select relation, jsonb_agg(jsonb_build_object(
			'name', a.attname, 'type', format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null),
			'is_nullable', not a.attnotnull and not t.typnotnull,
			'comment', pg_catalog.col_description(a.attrelid, a.attnum)) order by a.attnum) as columns
		from jsonb_object_keys(v_rows) relation
		join pg_catalog.pg_attribute a on a.attrelid = relation::regclass
		join pg_catalog.pg_type t on t.oid = a.atttypid
		where a.attnum > 0 and not a.attisdropped and v_rows -> relation -> 0 ? a.attname
		group by relation
	) c;
	select coalesce(jsonb_agg(to_jsonb(f) order by bucket, key), '[]') into v_files
	from (
		select 'photos' as bucket, storage_key as key, sha256 from public.photos where owner_id = p_owner_id
		union all
		select 'headshots', storage_key, sha256 from public.headshots where owner_id = p_owner_id
		union all
		select 'headshots', thumbnail_key, thumbnail_sha256 from public.headshots where owner_id = p_owner_id
		union all
		select 'loras', storage_key, sha256 from public.loras where owner_id = p_owner_id
	) f;
	return jsonb_build_object('rows', v_rows, 'columns', v_columns, 'files', v_files);
end $$;
comment on function service.read_data is
	'Everything that is held about a person: rows by table, what their columns are, and what the rows know of files. What lies in the buckets is asked of the store.';
grant execute on function service.read_data to service_role;

create function service.start_export(p_owner_id uuid, as_of timestamptz default now())
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_id uuid;
begin
	perform from public.profiles where owner_id = p_owner_id and blocked_at is null for update;
	if not found then
		perform private.refuse(404, 'not_found', 'There is no such account.', 'It may have been erased.');
	end if;
	perform private.limit_rate('export', p_owner_id::text, as_of);
	perform private.limit_network('export', private.network_of_person(p_owner_id), as_of);
	insert into private.exports (owner_id, created_at, expires_at)
	values (p_owner_id, as_of, as_of + interval '10 minutes')
	returning id into v_id;
	return v_id;
end $$;
comment on function service.start_export is
	'Permits one copy, for ten minutes. Refuses 404 an account that is closed, 429 whoever asks very often.';
grant execute on function service.start_export to service_role;

create function service.take_export(p_owner_id uuid, p_export_id uuid, as_of timestamptz default now())
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_export private.exports;
begin
	-- The profile first: an erasure that has begun is waited for with nothing in hand.
	perform from public.profiles where owner_id = p_owner_id and blocked_at is null for key share;
	if found then
		select * into v_export from private.exports where id = p_export_id and owner_id = p_owner_id for update;
	end if;
	if v_export.id is null then
		perform private.refuse(404, 'not_found', 'There is no such copy.', 'Make a new one on the page with your data.');
	end if;
	if v_export.taken_at is not null or v_export.expires_at <= as_of then
		perform private.refuse(410, 'gone', 'This link has been used, or is older than ten minutes.',
			'Make a new copy on the page with your data.');
	end if;
	update private.exports set taken_at = as_of where id = p_export_id;
	perform service.record_access(p_owner_id, 'export', seen.what, null, seen.items, as_of)
	from (
		select 'photo' as what, count(*)::integer as items from public.photos
		where owner_id = p_owner_id and uploaded_at is not null
		union all
		select 'portrait', count(*)::integer from public.headshots where owner_id = p_owner_id
		union all
		select 'model', count(*)::integer from public.loras where owner_id = p_owner_id and deleted_at is null
	) as seen;
	perform private.open_own_request('portability', p_owner_id, v_export.created_at);
	perform private.close_own_request('portability', p_owner_id, as_of);
	perform private.write_mail(p_owner_id, 'export_made:' || p_export_id, 'export_made', '{}');
end $$;
comment on function service.take_export is
	'Uses up the permission, once, and tells the person by mail. Refuses 404 what is another''s, 410 what is used or late.';
grant execute on function service.take_export to service_role;
