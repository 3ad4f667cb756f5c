-- A shoot: one person's order of work, from choosing an offer to the gallery.

create table private.shoot_moves (
	engine public.engine not null,
	from_status public.shoot_status not null,
	to_status public.shoot_status not null,
	primary key (engine, from_status, to_status)
);
comment on table private.shoot_moves is 'The moves a shoot may make. domain/shoot.ts mirrors it.';

insert into private.shoot_moves (engine, from_status, to_status)
values
	('studio', 'draft', 'paid'),
	('studio', 'paid', 'training'), ('studio', 'paid', 'refunded'),
	('studio', 'training', 'generating'), ('studio', 'training', 'failed'), ('studio', 'training', 'refunded'),
	('studio', 'generating', 'ready'), ('studio', 'generating', 'failed'), ('studio', 'generating', 'refunded'),
	('studio', 'ready', 'generating'), ('studio', 'ready', 'refunded'),
	-- Try again with the same photos, change the photos, or generate again with the lora that exists.
	('studio', 'failed', 'training'), ('studio', 'failed', 'paid'), ('studio', 'failed', 'generating'),
	('studio', 'failed', 'refunded'),
	-- The same way without a training: nothing is learned.
	('instant', 'draft', 'paid'),
	('instant', 'paid', 'generating'), ('instant', 'paid', 'refunded'),
	('instant', 'generating', 'ready'), ('instant', 'generating', 'failed'), ('instant', 'generating', 'refunded'),
	('instant', 'ready', 'generating'), ('instant', 'ready', 'refunded'),
	('instant', 'failed', 'paid'), ('instant', 'failed', 'generating'), ('instant', 'failed', 'refunded');

create table public.shoots (
	id uuid primary key default gen_random_uuid(),
	owner_id uuid not null default auth.uid() references public.profiles (owner_id) on delete cascade,
	offer_id text not null references public.offers (id),
	engine public.engine not null default 'studio',
	name text not null constraint shoots_name_is_short check (char_length(name) between 1 and 100),
	status public.shoot_status not null default 'draft',
	failure text,
	created_at timestamptz not null default now(),
	status_changed_at timestamptz not null default now(),
	portraits_planned integer not null default 0
		constraint shoots_portraits_planned_is_not_negative check (portraits_planned >= 0),
	photo_retention public.photo_retention not null default 'P30D',
	first_portrait_at timestamptz,
	headshots_wanted integer constraint shoots_headshots_wanted_is_positive check (headshots_wanted > 0),
	-- What a model is made for refers to the engine, too: see trainings.
	constraint shoots_have_one_engine unique (id, engine)
);
comment on table public.shoots is 'One person''s order of work. Its id is the prefix of all its files.';
comment on column public.shoots.engine is 'Chosen on the draft, fixed once it is paid.';
comment on column public.shoots.headshots_wanted is
	'Of a shoot that was started with credits; null: as many as its offer has.';
comment on column public.shoots.failure is 'Code of the last failure, for the words in domain/failure.ts; null unless failed.';
comment on column public.shoots.portraits_planned is 'Over all rounds of generation, delivered or not.';
comment on column public.shoots.photo_retention is 'The person''s choice; the retention chapter makes keep_until of it.';
comment on column public.shoots.first_portrait_at is 'When the first portrait was delivered; the photos'' time runs from here.';
create index shoots_owner_id on public.shoots (owner_id, created_at desc);
create index shoots_offer_id on public.shoots (offer_id);

alter table public.shoots enable row level security;
grant select, insert (offer_id, engine, name), update (offer_id, engine, name, photo_retention), delete on public.shoots to authenticated;
create policy shoots_select_own on public.shoots for select to authenticated
	using (owner_id = (select private.person()));
create policy shoots_insert_own on public.shoots for insert to authenticated
	with check (owner_id = (select private.person()));
create policy shoots_update_own on public.shoots for update to authenticated
	using (owner_id = (select private.person())) with check (owner_id = (select private.person()));
create policy shoots_delete_own on public.shoots for delete to authenticated
	using (owner_id = (select private.person()));

create function private.processor_of(p_engine public.engine)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
	return case p_engine when 'studio' then 'fal' else 'gemini' end;
end $$;
comment on function private.processor_of is 'Mirror of processorOf in domain/engine.ts.';

-- Runs as its owner: moves, orders and accounts are not the client's to read.
create function private.guard_shoot()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	if tg_op = 'DELETE' then
		-- With the account everything goes, and an erasure takes it along; alone, only what nobody may still be paying for.
		if exists (select from public.profiles where owner_id = old.owner_id)
			and not exists (select from private.erasures where shoot_id = old.id and scope = 'shoot') and (
			old.status <> 'draft'
			or exists (
				select from public.orders
				where shoot_id = old.id and status = 'pending'
					and (stripe_checkout_session_id is not null or opened_at > now() - interval '1 hour')
			)
		) then
			perform private.refuse(409, 'not_now', 'Only a draft without an open checkout can be deleted.',
				'Close the checkout page first, or wait until it has expired.');
		end if;
		return old;
	end if;
	if not exists (select from public.offers where id = new.offer_id and is_active)
		and (tg_op = 'INSERT' or new.offer_id <> old.offer_id) then
		perform private.refuse(409, 'not_now', 'This offer is no longer for sale.', 'Choose another one.');
	end if;
	if tg_op = 'INSERT' or new.engine <> old.engine then
		perform private.require_processor(private.processor_of(new.engine));
	end if;
	if new.engine = 'instant' and new.photo_retention = 'after_training' then
		perform private.refuse(409, 'not_now', 'Nothing is trained from the photos of this shoot.',
			'Choose another time for them to stay.');
	end if;
	if tg_op = 'INSERT' then return new; end if;
	if new.engine <> old.engine and old.status <> 'draft' then
		perform private.refuse(409, 'not_now', 'This shoot has been paid; its engine can no longer change.',
			'Start a new shoot for the other one: portrait credits can be used on either.');
	end if;
	if new.offer_id <> old.offer_id and old.status <> 'draft' then
		perform private.refuse(409, 'not_now', 'This shoot has been paid; its offer can no longer change.',
			'Start a new shoot for another offer.');
	end if;
	if new.status <> old.status then
		if not exists (
			select from private.shoot_moves
			where engine = new.engine and from_status = old.status and to_status = new.status
		) then
			perform private.refuse(409, 'not_now',
				format('A shoot cannot go from %s to %s.', old.status, new.status),
				'Reload the page to see where it is.');
		end if;
		new.status_changed_at := now();
		if new.status <> 'failed' then new.failure := null; end if;
	end if;
	return new;
end $$;

create trigger shoots_are_guarded
	before insert or update or delete on public.shoots
	for each row execute function private.guard_shoot();

create function private.lock_shoot(p_shoot_id uuid, p_owner_id uuid default null)
returns public.shoots
language plpgsql
set search_path = ''
as $$
declare
	v_shoot public.shoots;
begin
	select * into v_shoot from public.shoots
	where id = p_shoot_id and owner_id = coalesce(p_owner_id, owner_id)
	for no key update;
	if not found then
		perform private.refuse(404, 'not_found', 'There is no such shoot.', 'Go back to your list of shoots.');
	end if;
	return v_shoot;
end $$;
comment on function private.lock_shoot is
	'The one order of locks: first the shoot, then its order, training or generation, then hold and balance. Refuses (404) when it is not there or not theirs.';

create function service.engine_of(p_owner_id uuid, p_shoot_id uuid)
returns public.engine
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
	v_engine public.engine;
begin
	select engine into v_engine from public.shoots where id = p_shoot_id and owner_id = p_owner_id;
	if not found then
		perform private.refuse(404, 'not_found', 'There is no such shoot.', 'Go back to your list of shoots.');
	end if;
	return v_engine;
end $$;
grant execute on function service.engine_of to service_role;

create table public.shoot_styles (
	shoot_id uuid not null references public.shoots (id) on delete cascade,
	style_id text not null references public.styles (id),
	owner_id uuid not null default auth.uid() references public.profiles (owner_id) on delete cascade,
	primary key (shoot_id, style_id)
);
comment on table public.shoot_styles is 'The styles chosen for a shoot, at most as many as its offer allows.';
create index shoot_styles_owner_id on public.shoot_styles (owner_id);
create index shoot_styles_style_id on public.shoot_styles (style_id);

alter table public.shoot_styles enable row level security;
grant select, insert (shoot_id, style_id), delete on public.shoot_styles to authenticated;
create policy shoot_styles_select_own on public.shoot_styles for select to authenticated
	using (owner_id = (select private.person()));
create policy shoot_styles_insert_own on public.shoot_styles for insert to authenticated
	with check (owner_id = (select private.person()));
create policy shoot_styles_delete_own on public.shoot_styles for delete to authenticated
	using (owner_id = (select private.person()));

-- Runs as its owner, to lock the shoot: two tabs choosing at once cannot pass the limit together.
create function private.guard_shoot_style()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_shoot public.shoots;
begin
	if tg_op = 'DELETE' then
		if exists (select from public.shoots where id = old.shoot_id and status <> 'draft')
			and exists (select from public.profiles where owner_id = old.owner_id) then
			perform private.refuse(409, 'not_now', 'This shoot has been paid; its styles can no longer change.',
				'Other styles can be used when you generate more.');
		end if;
		return old;
	end if;
	v_shoot := private.lock_shoot(new.shoot_id, new.owner_id);
	if v_shoot.status <> 'draft' then
		perform private.refuse(409, 'not_now', 'This shoot has been paid; its styles can no longer change.',
			'Other styles can be used when you generate more.');
	end if;
	if not exists (select from public.styles where id = new.style_id and is_active) then
		perform private.refuse(404, 'not_found', 'There is no such style.', 'Choose one of the styles shown.');
	end if;
	if (select count(*) from public.shoot_styles where shoot_id = new.shoot_id)
		>= (select style_limit from public.offers where id = v_shoot.offer_id) then
		perform private.refuse(409, 'too_many', 'All styles of this offer are chosen.',
			'Take one out first, or choose a larger offer.');
	end if;
	return new;
end $$;

create trigger shoot_styles_are_guarded
	before insert or delete on public.shoot_styles
	for each row execute function private.guard_shoot_style();
