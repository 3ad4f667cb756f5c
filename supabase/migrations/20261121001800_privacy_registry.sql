-- What the policy says, where the database can hold us to it: the registry of domain/privacy, mirrored.

create table private.policy_versions (
	profile text not null constraint policy_versions_profile_is_known check (profile in ('haloprofile', 'headshotr')),
	version text not null,
	sha256 text not null constraint policy_versions_sha256_is_hex check (sha256 ~ '^[0-9a-f]{64}$'),
	published_at timestamptz not null,
	names text[] not null,
	primary key (profile, version)
);
comment on table private.policy_versions is
	'The dated texts of each profile''s privacy policy by their hash, and whom each names. Never changed: a change is a new version.';

create table private.profile (
	is_the_one boolean primary key default true constraint profile_is_one check (is_the_one),
	name text not null
);
comment on table private.profile is
	'Which of the systems this database serves: one row, changed by service.apply_profile alone.';
insert into private.profile (name) values ('haloprofile');

create table private.processors (
	id text primary key,
	name text not null,
	is_on boolean not null default false
);
comment on table private.processors is
	'Every company the code could work with. Only one that the policy in force names can be switched on.';

create function private.policy_in_force(as_of timestamptz default now())
returns private.policy_versions
language sql
stable
set search_path = ''
as $$
	select v.* from private.policy_versions v join private.profile p on p.name = v.profile
	where v.published_at <= as_of order by v.published_at desc limit 1
$$;

create function private.guard_processor()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
	if new.is_on and not new.id = any ((private.policy_in_force()).names) then
		perform private.refuse(409, 'not_now', format('The policy in force does not name %s.', new.name),
			'Publish a version that does, then switch it on.');
	end if;
	return new;
end $$;

create trigger processors_are_named_before_they_work
	before insert or update on private.processors
	for each row execute function private.guard_processor();

create function private.guard_policy_version()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
	if tg_op <> 'INSERT' then
		perform private.refuse(409, 'not_now', 'A published policy is not changed.', 'Publish the next version.');
	end if;
	if new.profile = (select name from private.profile)
		and exists (select from private.processors where is_on and not id = any (new.names)) then
		perform private.refuse(409, 'not_now', 'This policy leaves out a company that works for us.',
			'Switch it off first, or name it.');
	end if;
	return new;
end $$;

create trigger policy_versions_stay_as_published
	before insert or update or delete on private.policy_versions
	for each row execute function private.guard_policy_version();

insert into private.policy_versions (profile, version, sha256, published_at, names)
values
	('haloprofile', '2026-11-01', '4ea4b1287711670414bdf20199b9f70faae4a196854e071a69eb98606bd34c6f', '2026-11-01',
		array['supabase', 'fal', 'stripe', 'resend', 'google']),
	('haloprofile', '2026-11-21', '43913c1228f8039b3b2ee3a8a0211c4875694c62a6915b644e28168c135e6e29', '2026-11-21',
		array['supabase', 'fal', 'stripe', 'resend', 'google']),
	('haloprofile', '2026-11-25', 'fd47f4e8a1aeeb11dc30820ab956a59b9ea168bcb89a19bbb0076b18e3fbbbbd', '2026-11-25',
		array['supabase', 'fal', 'gemini', 'stripe', 'resend', 'google']),
	('headshotr', '2026-11-25', '855a21d6f9d3a73ea25825b618b0700a33d79abe2fe249f2087bfaafe67e5647', '2026-11-25',
		array['supabase', 'gemini', 'r2', 'stripe', 'resend', 'google']);

insert into private.processors (id, name, is_on)
values
	('supabase', 'Supabase', true),
	('fal', 'fal', true),
	('stripe', 'Stripe', true),
	('resend', 'Resend', true),
	('google', 'Google', true),
	('gemini', 'Google Gemini', true),
	('r2', 'Cloudflare R2', false);

-- Says which system this is, who works for it and what it sells. A company that the policy in force does not name is refused by
-- private.guard_processor, and with it all of this.
create function service.apply_profile(p_profile text, p_processors text[], p_offers text[])
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
	if not exists (
		select from private.policy_versions where profile = p_profile and published_at <= now()
	) then
		perform private.refuse(409, 'not_now', format('%s has no policy in force.', p_profile),
			'Publish one, then apply the profile.');
	end if;
	if not p_processors <@ (select array_agg(id) from private.processors) then
		perform private.refuse(409, 'not_now', 'A company of this profile is not in the registry.',
			'Enter it in domain/privacy/processors.ts, in SQL and in a version of the policy.');
	end if;
	if not p_offers <@ (select array_agg(id) from public.offers) then
		perform private.refuse(409, 'not_now', 'An offer of this profile is not in the catalogue.',
			'Enter it in chapter catalog, or take it out of OFFERS.');
	end if;
	update private.profile set name = p_profile where name <> p_profile;
	update private.processors set is_on = id = any (p_processors) where is_on <> (id = any (p_processors));
	-- What was bought of an offer stays as it is; a plan that runs goes on.
	update public.offers set is_active = id = any (p_offers) where is_active <> (id = any (p_offers));
end $$;
comment on function service.apply_profile is
	'Makes this database that of a profile, with these companies at work, these offers for sale, and no other. Doing it again changes nothing.';
grant execute on function service.apply_profile to service_role;

create function private.require_processor(p_id text)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
	if not exists (select from private.processors where id = p_id and is_on) then
		perform private.refuse(503, 'provider_unavailable', 'This part is not open at the moment.',
			'Try again later; nothing was charged.');
	end if;
end $$;
comment on function private.require_processor is
	'Refuses (503) to give anything new to a company that is switched off. Deleting there goes on.';

-- Asked where work leaves for a company, named by the trigger or by the row's engine: in the same transaction that marks it as sent.
create function private.guard_sending()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	perform private.require_processor(
		coalesce(tg_argv[0], private.processor_of((to_jsonb(new) ->> 'engine')::public.engine)));
	return new;
end $$;

create trigger trainings_leave_for_who_is_on
	after update of submitted_at on public.trainings
	for each row when (old.submitted_at is null and new.submitted_at is not null)
	execute function private.guard_sending();
create trigger generations_leave_for_who_is_on
	after update of submitted_at on public.generations
	for each row when (new.submitted_at is not null and new.submitted_at is distinct from old.submitted_at)
	execute function private.guard_sending();
create trigger orders_leave_for_who_is_on
	before insert on public.orders
	for each row execute function private.guard_sending('stripe');

alter table private.provider_requests
	add constraint provider_requests_are_with_a_known_processor
	foreign key (provider) references private.processors (id);

create table private.review_dates (
	what text primary key,
	until date not null
);
comment on table private.review_dates is
	'Until when the contract with a company, and security.txt, have been looked at: an alarm from a month before that on.';

insert into private.review_dates (what, until)
select id, date '2027-05-21' from private.processors
union all
select 'security.txt', date '2027-10-31';

create table private.retention_rules (
	id text primary key,
	period interval
);
comment on table private.retention_rules is
	'How long each kind of data is kept: retentionRules of domain/privacy. Null: while the account is active.';

insert into private.retention_rules (id, period)
values
	('photos', 'P30D'),
	('datasets', 'PT0S'),
	('loras', 'P30D'),
	('headshots', null),
	('account', null),
	('consents', null),
	('unpaid_orders', 'P90D'),
	('payment_records', 'P7Y'),
	('sessions', 'P30D'),
	('security_log', 'P30D'),
	('access_log', 'P30D'),
	('webhook_events', 'P30D'),
	('jobs', 'P30D'),
	('mails', 'P90D'),
	('subject_requests', 'P2Y'),
	('receipts', 'P3Y');

create function private.kept_for(p_rule text)
returns interval
language sql
stable
set search_path = ''
as $$
	select period from private.retention_rules where id = p_rule
$$;

-- Who has seen the notice of which version: shown once.
create table public.policy_notices (
	owner_id uuid not null default auth.uid() references public.profiles (owner_id) on delete cascade,
	version text not null,
	seen_at timestamptz not null default now(),
	primary key (owner_id, version)
);
comment on table public.policy_notices is 'Which version of the policy a person was told of, and when.';

-- Runs as its owner: people do not read the versions.
create function private.guard_policy_notice()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	if new.version is distinct from (private.policy_in_force()).version then
		perform private.refuse(409, 'not_now', 'That is not the policy in force.', 'Reload the page.');
	end if;
	return new;
end $$;

create trigger policy_notices_are_of_the_policy_in_force
	before insert on public.policy_notices
	for each row execute function private.guard_policy_notice();

alter table public.policy_notices enable row level security;
grant select, insert (version) on public.policy_notices to authenticated;
create policy policy_notices_select_own on public.policy_notices for select to authenticated
	using (owner_id = (select private.person()));
create policy policy_notices_insert_own on public.policy_notices for insert to authenticated
	with check (owner_id = (select private.person()));
