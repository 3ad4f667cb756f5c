-- "Not me? Not charged.": a person returns a portrait that does not look like them. The picture is deleted, its
-- credit is back, and the style is counted. Fair use: a fifth of what a shoot delivered, two at least, within 14 days.

create table public.returns (
	headshot_id uuid primary key,
	owner_id uuid not null default auth.uid() references public.profiles (owner_id) on delete cascade,
	shoot_id uuid references public.shoots (id) on delete cascade,
	style_id text references public.styles (id),
	created_at timestamptz not null default now(),
	-- Written by the trigger, not by whoever returns it.
	constraint returns_know_shoot_and_style check (shoot_id is not null and style_id is not null)
);
comment on column public.returns.headshot_id is 'No foreign key: the portrait''s row goes with its files, and what was returned stays counted.';
comment on table public.returns is 'Portraits that did not look like their person, by their word alone: nothing compares faces here.';
create index returns_owner_id on public.returns (owner_id);
create index returns_shoot_id on public.returns (shoot_id);
create index returns_style_id on public.returns (style_id);

alter table public.returns enable row level security;
grant select, insert (headshot_id) on public.returns to authenticated;
create policy returns_select_own on public.returns for select to authenticated
	using (owner_id = (select private.person()));
create policy returns_insert_own on public.returns for insert to authenticated
	with check (owner_id = (select private.person()));

create function private.return_limit(p_shoot_id uuid)
returns integer
language sql
stable
set search_path = ''
as $$
	select greatest(2, count(*) / 5)::integer from public.generations where shoot_id = p_shoot_id and status = 'succeeded'
$$;
comment on function private.return_limit is 'How many portraits of a shoot may be returned. domain/return.ts mirrors it.';

-- Runs as its owner: credits and files are not the client's to touch.
create function private.guard_return()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_headshot public.headshots;
	v_shoot public.shoots;
begin
	select * into v_headshot from public.headshots where id = new.headshot_id and owner_id = new.owner_id;
	if not found then
		perform private.refuse(404, 'not_found', 'There is no such portrait.', 'Go back to your gallery.');
	end if;
	v_shoot := private.lock_shoot(v_headshot.shoot_id, new.owner_id);
	select * into v_headshot from public.headshots where id = new.headshot_id for no key update;
	if v_headshot.deleted_at is not null then
		perform private.refuse(409, 'not_now', 'This portrait is gone already.', 'Reload the page.');
	end if;
	if v_shoot.status = 'refunded' then
		perform private.refuse(409, 'not_now', 'This shoot was refunded.', 'You can delete the portrait instead.');
	end if;
	if v_headshot.created_at < now() - interval '14 days' then
		perform private.refuse(409, 'not_now', 'A portrait can be returned for 14 days.', 'You can delete it instead.');
	end if;
	if (select count(*) from public.returns where shoot_id = v_shoot.id) >= private.return_limit(v_shoot.id) then
		perform private.refuse(409, 'too_many', format('%s portraits of a shoot can be returned, and they are.', private.return_limit(v_shoot.id)),
			'Write to us if more of them are not you: then something went wrong.');
	end if;
	new.shoot_id := v_shoot.id;
	new.style_id := v_headshot.style_id;
	new.created_at := now();
	update public.headshots set deleted_at = now() where id = new.headshot_id;
	perform private.move_credits(new.owner_id, 'headshot', 'return', 1, 0, 'return:' || new.headshot_id,
		'Not you? Not charged: a portrait was returned, and its credit is back', p_generation_id => v_headshot.generation_id);
	return new;
end $$;

create trigger returns_are_guarded
	before insert on public.returns
	for each row execute function private.guard_return();
