-- Consent: one purpose each, in a stated wording, withdrawn but never deleted (GDPR 7(1)).

create table public.consent_wordings (
	purpose public.consent_purpose not null,
	version text not null,
	wording text not null,
	published_at timestamptz not null,
	primary key (purpose, version)
);
comment on table public.consent_wordings is
	'Every wording a person was ever shown; the newest published one of a purpose is in force.';

alter table public.consent_wordings enable row level security;
grant select on public.consent_wordings to anon, authenticated;
create policy consent_wordings_select_all on public.consent_wordings for select to anon, authenticated
	using (true);

insert into public.consent_wordings (purpose, version, wording, published_at)
values
	('adult', '2026-11-01', 'I am 18 years old or older.', '2026-11-01'),
	('terms', '2026-11-01', 'I agree to the terms of use.', '2026-11-01'),
	('photo_processing', '2026-11-01',
		'I agree that HaloProfile uses the photos I upload to make my portraits. They show me, and nobody else.',
		'2026-11-01'),
	('photo_processing', '2026-11-25',
		'I agree that the photos I upload are used to make my portraits, by the engine I choose. They show me, and nobody else.',
		'2026-11-25'),
	('private_model', '2026-11-01',
		'I agree that a private model of me is trained from my photos, used only for my own portraits, and deleted when I say so.',
		'2026-11-01');

create table public.consent_records (
	id uuid primary key default gen_random_uuid(),
	owner_id uuid not null default auth.uid() references public.profiles (owner_id) on delete cascade,
	purpose public.consent_purpose not null,
	version text not null,
	granted_at timestamptz not null default now(),
	withdrawn_at timestamptz
		constraint consent_records_withdrawn_after_granted check (withdrawn_at >= granted_at),
	foreign key (purpose, version) references public.consent_wordings (purpose, version)
);
comment on table public.consent_records is 'Who agreed to which wording, and when it was withdrawn.';
create unique index consent_records_one_active_per_purpose
	on public.consent_records (owner_id, purpose) where withdrawn_at is null;
create index consent_records_owner_id on public.consent_records (owner_id);
create index consent_records_wording on public.consent_records (purpose, version);

alter table public.consent_records enable row level security;
grant select, insert (purpose, version), update (withdrawn_at) on public.consent_records to authenticated;
create policy consent_records_select_own on public.consent_records for select to authenticated
	using (owner_id = (select private.person()));
create policy consent_records_insert_own on public.consent_records for insert to authenticated
	with check (owner_id = (select private.person()));
create policy consent_records_update_own on public.consent_records for update to authenticated
	using (owner_id = (select private.person())) with check (owner_id = (select private.person()));

create function private.wording_in_force(p_purpose public.consent_purpose)
returns text
language plpgsql
stable
set search_path = ''
as $$
begin
	return (
		select version from public.consent_wordings
		where purpose = p_purpose and published_at <= now()
		order by published_at desc limit 1
	);
end $$;

-- Runs as its owner, who may read and withdraw across the columns that a client may not write.
create function private.guard_consent()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	if tg_op = 'UPDATE' then
		if old.withdrawn_at is not null or new.withdrawn_at is null then
			perform private.refuse(409, 'not_now', 'This consent has been withdrawn already.',
				'Give it again if you want to go on.');
		end if;
		new.withdrawn_at := now();
		return new;
	end if;
	if new.version is distinct from private.wording_in_force(new.purpose) then
		perform private.refuse(409, 'not_now', 'The wording of this consent has changed.',
			'Reload the page and read it once more.');
	end if;
	-- Agreeing to a newer wording ends the consent to the older one.
	update public.consent_records set withdrawn_at = now()
	where owner_id = new.owner_id and purpose = new.purpose and version <> new.version
		and withdrawn_at is null;
	new.granted_at := now();
	return new;
end $$;

create trigger consent_records_are_guarded
	before insert or update of withdrawn_at on public.consent_records
	for each row when (pg_trigger_depth() = 0)
	execute function private.guard_consent();

create function private.require_consents(p_owner_id uuid, p_purposes public.consent_purpose[])
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
	if exists (
		select from unnest(p_purposes) as needed (purpose)
		where not exists (
			select from public.consent_records r
			where r.owner_id = p_owner_id and r.purpose = needed.purpose and r.withdrawn_at is null
				and r.version = private.wording_in_force(needed.purpose)
		)
	) then
		perform private.refuse(403, 'consent_missing', 'A consent that this step needs is missing.',
			'Read what you would agree to, and agree if you want to go on.');
	end if;
end $$;
comment on function private.require_consents is
	'Refuses a new step (403) unless the person agrees to each purpose in the wording now in force.';

create function private.consents_for(p_engine public.engine)
returns public.consent_purpose[]
language plpgsql
immutable
set search_path = ''
as $$
begin
	return array['adult', 'terms', 'photo_processing']::public.consent_purpose[]
		|| case p_engine when 'studio' then array['private_model']::public.consent_purpose[] end;
end $$;
comment on function private.consents_for is 'Mirror of consentsFor in domain/engine.ts.';

create function private.is_permitted(p_owner_id uuid, p_engine public.engine)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
	return (
		select count(*) = cardinality(private.consents_for(p_engine))
			and exists (select from public.profiles where owner_id = p_owner_id and restricted_at is null)
		from public.consent_records
		where owner_id = p_owner_id and withdrawn_at is null
			and purpose = any (private.consents_for(p_engine))
	);
end $$;
comment on function private.is_permitted is
	'Whether work under way may go on: no consent that the engine needs has been withdrawn, in whatever wording it was given, and the person has not switched processing off.';
