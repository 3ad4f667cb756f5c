-- Who a person is to us: a name and an e-mail address, whatever the sign-in sends along.

create table public.profiles (
	owner_id uuid primary key references auth.users (id) on delete cascade,
	name text constraint profiles_name_is_short check (char_length(name) between 1 and 100),
	email text not null,
	created_at timestamptz not null default now(),
	blocked_at timestamptz,
	restricted_at timestamptz
);
comment on table public.profiles is 'One row per account. Everything a person owns hangs on it and goes with it.';
comment on column public.profiles.blocked_at is
	'From now on the account''s own tokens open nothing: it is being erased.';
comment on column public.profiles.restricted_at is
	'Since then everything is stored and nothing is worked with (GDPR 18, 21); null when it may be.';

-- Runs as its owner, or a profile's own policy would ask itself. Postgres asks it once per query, not per row.
-- In PL/pgSQL, which keeps its plans: a function in SQL is planned anew in every query.
create function private.person()
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
	v_id uuid;
begin
	-- One statement as a rule: it is asked in every query of a person.
	select p.owner_id into v_id
	from private.plainly_serving, public.profiles p
	where p.owner_id = auth.uid() and p.blocked_at is null;
	if v_id is null then
		perform private.require_serving();
		select owner_id into v_id from public.profiles where owner_id = auth.uid() and blocked_at is null;
	end if;
	return v_id;
end $$;
comment on function private.person is
	'Who is asking, for every policy: null also for a token that outlives its account''s closing.';
grant execute on function private.person to authenticated;

create function service.is_session_fresh(p_owner_id uuid, p_session_id uuid, as_of timestamptz default now())
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
	select exists (
		select from auth.sessions
		where id = p_session_id and user_id = p_owner_id and created_at > as_of - interval '10 minutes'
	)
$$;
comment on function service.is_session_fresh is
	'Whether the person proved who they are in the last ten minutes: a session that is only kept alive grows old.';
grant execute on function service.is_session_fresh to service_role;

alter table public.profiles enable row level security;
grant select, update (name, restricted_at) on public.profiles to authenticated;
create policy profiles_select_own on public.profiles for select to authenticated
	using (owner_id = (select private.person()));
create policy profiles_update_own on public.profiles for update to authenticated
	using (owner_id = (select private.person())) with check (owner_id = (select private.person()));

-- Runs as its owner: the auth service, which fires it, has no rights on our tables.
create function private.follow_user()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	if tg_op = 'UPDATE' then
		update public.profiles set email = new.email where owner_id = new.id and email <> new.email;
		return null;
	end if;
	insert into public.profiles (owner_id, name, email)
	values (
		new.id,
		nullif(left(btrim(coalesce(
			new.raw_user_meta_data ->> 'full_name', new.raw_user_meta_data ->> 'name')), 100), ''),
		new.email
	);
	return null;
end $$;

create trigger profiles_follow_users
	after insert or update of email on auth.users
	for each row execute function private.follow_user();

-- Google also sends picture, locale and the organisation (hd); people may send anything as their metadata.
create function private.keep_only_identity()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
	v_sent jsonb := case tg_table_name
		when 'users' then to_jsonb(new) -> 'raw_user_meta_data'
		else to_jsonb(new) -> 'identity_data'
	end;
	v_kept jsonb;
begin
	select coalesce(jsonb_object_agg(
		key,
		case jsonb_typeof(value) when 'string' then to_jsonb(left(value #>> '{}', 320)) else value end
	), '{}')
	into v_kept
	from jsonb_each(case jsonb_typeof(v_sent) when 'object' then v_sent else '{}' end)
	where key in ('name', 'full_name', 'email', 'email_verified', 'sub', 'iss', 'provider_id')
		and jsonb_typeof(value) in ('string', 'boolean');
	if tg_table_name = 'users' then
		new.raw_user_meta_data := v_kept;
	else
		new.identity_data := v_kept;
	end if;
	return new;
end $$;
comment on function private.keep_only_identity is
	'Keeps name, e-mail and the ids of the sign-in in the metadata of an account, and nothing else.';

create trigger users_keep_only_identity
	before insert or update of raw_user_meta_data on auth.users
	for each row execute function private.keep_only_identity();
create trigger identities_keep_only_identity
	before insert or update of identity_data on auth.identities
	for each row execute function private.keep_only_identity();
