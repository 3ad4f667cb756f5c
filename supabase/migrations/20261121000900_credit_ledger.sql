-- The credit ledger: append-only signed rows, each with one cause. Balances are kept beside it by the
-- same functions, so that spending is one conditional update and can never sell more than there is.
--   grant (+n, 0) · hold (-n, +n) · capture (0, -1) · release (+n, -n) · refund (-n, 0)
--   restore (+n, 0): a refund that failed, or a dispute that was won · return (+1, 0): a portrait of somebody else
--   lapse (-n, 0): more of a plan than rolls over · chargeback (-n, 0): a dispute that was lost, the one that may leave a debt

create table public.credit_balances (
	owner_id uuid not null references public.profiles (owner_id) on delete cascade,
	unit public.credit_unit not null,
	available integer not null default 0,
	held integer not null default 0
		constraint credit_balances_held_is_not_negative check (held >= 0),
	primary key (owner_id, unit)
);
comment on table public.credit_balances is 'What can be spent and what is set aside: the sums of the entries.';
comment on column public.credit_balances.available is 'Below zero only after a dispute that was lost: what was used is owed.';

alter table public.credit_balances enable row level security;
grant select on public.credit_balances to authenticated;
create policy credit_balances_select_own on public.credit_balances for select to authenticated
	using (owner_id = (select private.person()));

-- Runs as its owner: the auth service fires it with the profile.
create function private.open_balances()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	insert into public.credit_balances (owner_id, unit)
	select new.owner_id, unnest(enum_range(null::public.credit_unit));
	return null;
end $$;

create trigger profiles_open_balances
	after insert on public.profiles
	for each row execute function private.open_balances();

create table public.credit_holds (
	id uuid primary key default gen_random_uuid(),
	owner_id uuid not null,
	shoot_id uuid not null,
	unit public.credit_unit not null,
	amount integer not null,
	captured integer not null default 0,
	released integer not null default 0,
	key text not null,
	created_at timestamptz not null default now(),
	constraint credit_holds_settle_at_most_the_amount
		check (least(amount - 1, captured, released, amount - captured - released) >= 0)
);
comment on table public.credit_holds is
	'Credits set aside for work under way: captured per piece delivered, released per piece that failed.';
comment on column public.credit_holds.owner_id is
	'No foreign key: its balance, which nothing can be set aside without, has one, and takes it along.';
comment on column public.credit_holds.shoot_id is 'No foreign key: the ledger outlives the shoot.';
comment on column public.credit_holds.key is 'Unique by its entry, whose key is hold:<key>.';
create index credit_holds_shoot on public.credit_holds (owner_id, shoot_id);

alter table public.credit_holds enable row level security;
grant select on public.credit_holds to authenticated;
create policy credit_holds_select_own on public.credit_holds for select to authenticated
	using (owner_id = (select private.person()));

-- A function, because Postgres reads a condition anew from its text at every insert. A spend comes first, and is quick.
create function private.moves_as_its_kind_says(
	p_kind public.credit_entry_kind, p_available integer, p_held integer, p_hold_id uuid
)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
begin
	if p_kind = 'hold' then
		return p_hold_id is not null and p_available < 0 and p_held = -p_available;
	end if;
	return (p_kind in ('capture', 'release')) = (p_hold_id is not null) and case p_kind
		when 'grant' then p_available > 0 and p_held = 0
		when 'capture' then p_available = 0 and p_held < 0
		when 'release' then p_available > 0 and p_held = -p_available
		when 'refund' then p_available < 0 and p_held = 0
		when 'restore' then p_available > 0 and p_held = 0
		when 'return' then p_available = 1 and p_held = 0
		when 'lapse' then p_available < 0 and p_held = 0
		when 'chargeback' then p_available < 0 and p_held = 0
		else p_held = 0 and p_available <> 0
	end;
end $$;

create table public.credit_entries (
	id uuid not null default gen_random_uuid(),
	owner_id uuid not null,
	unit public.credit_unit not null,
	kind public.credit_entry_kind not null,
	available integer not null,
	held integer not null,
	order_id uuid references public.orders (id),
	hold_id uuid,
	generation_id uuid,
	key text constraint credit_entries_one_per_cause primary key,
	reason text not null,
	created_at timestamptz not null default now(),
	constraint credit_entries_move_as_their_kind_says
		check (private.moves_as_its_kind_says(kind, available, held, hold_id))
);
comment on table public.credit_entries is 'The ledger. Rows are added, never changed; the key is the cause.';
comment on column public.credit_entries.owner_id is 'No foreign key: the balance has one, and takes its entries along.';
comment on column public.credit_entries.hold_id is 'No foreign key (decision 0019): private.ledger_differences names an entry whose hold is not there.';
comment on column public.credit_entries.reason is 'For the person, in plain words.';
create index credit_entries_owner_id on public.credit_entries (owner_id, created_at desc);
create index credit_entries_order_id on public.credit_entries (order_id) where order_id is not null;

alter table public.credit_entries enable row level security;
grant select on public.credit_entries to authenticated;
create policy credit_entries_select_own on public.credit_entries for select to authenticated
	using (owner_id = (select private.person()));

-- Erasure is the one way out: when the profile is gone its entries go with it, by cascade.
create function private.refuse_rewriting()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	if tg_op = 'DELETE' and not exists (select from public.profiles where owner_id = old.owner_id) then
		return old;
	end if;
	raise exception using errcode = '42501', message = 'The credit ledger is append-only.';
end $$;

create trigger credit_entries_are_append_only
	before update or delete on public.credit_entries
	for each row execute function private.refuse_rewriting();

-- Entries and holds go with their balance, which is the last that a spend takes (decision 0019): who spends while the
-- account goes either finds the balance gone, and is refused, or was first, and is found here.
create function private.close_balance()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	delete from public.credit_entries where owner_id = old.owner_id and unit = old.unit;
	delete from public.credit_holds where owner_id = old.owner_id and unit = old.unit;
	return old;
end $$;

create trigger credit_balances_take_their_entries
	before delete on public.credit_balances
	for each row execute function private.close_balance();

create function private.lock_balance(p_owner_id uuid, p_unit public.credit_unit)
returns void
language plpgsql
set search_path = ''
as $$
begin
	perform pg_advisory_xact_lock(hashtextextended(p_owner_id::text || p_unit::text, 0));
end $$;
comment on function private.lock_balance is
	'Where everybody waits who is about to change this balance, or decides by it. Not at its row: those who wait for a row are all woken by each who is through, and each of them reads it anew.';

create function private.move_credits(
	p_owner_id uuid, p_unit public.credit_unit, p_kind public.credit_entry_kind,
	p_available integer, p_held integer, p_key text, p_reason text,
	p_order_id uuid default null, p_hold_id uuid default null, p_generation_id uuid default null
)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
	insert into public.credit_entries
		(owner_id, unit, kind, available, held, order_id, hold_id, generation_id, key, reason)
	values
		(p_owner_id, p_unit, p_kind, p_available, p_held, p_order_id, p_hold_id, p_generation_id, p_key, p_reason)
	on conflict (key) do nothing;
	if not found then return false; end if;
	-- Last, because everybody who spends from this account waits here.
	perform private.lock_balance(p_owner_id, p_unit);
	update public.credit_balances
	set available = available + p_available, held = held + p_held
	where owner_id = p_owner_id and unit = p_unit
		and (p_kind = 'chargeback' or p_available >= 0 or available + p_available >= 0) and held + p_held >= 0;
	if not found then
		perform private.refuse(402, 'credits_missing', case p_unit
				when 'training' then 'There is no training credit left.'
				else 'There are not enough portrait credits left.' end,
			'Buy another offer to go on.');
	end if;
	return true;
end $$;
comment on function private.move_credits is
	'The only writer of entries and balances. False when this cause was entered before; refuses (402) what is not there.';

create function private.open_hold(
	p_shoot public.shoots, p_unit public.credit_unit, p_amount integer, p_key text, p_reason text
)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
	v_hold_id uuid;
begin
	if exists (select from private.out_of_good_standing where owner_id = p_shoot.owner_id) then
		perform private.require_good_standing(p_shoot.owner_id);
	end if;
	insert into public.credit_holds (owner_id, shoot_id, unit, amount, key)
	values (p_shoot.owner_id, p_shoot.id, p_unit, p_amount, p_key)
	returning id into v_hold_id;
	if not private.move_credits(p_shoot.owner_id, p_unit, 'hold', -p_amount, p_amount,
		'hold:' || p_key, p_reason, p_hold_id => v_hold_id) then
		raise exception 'held twice: %', p_key;
	end if;
	return v_hold_id;
end $$;

create function private.hold_of(p_key text)
returns public.credit_holds
language sql
stable
set search_path = ''
as $$
	select h from public.credit_entries e join public.credit_holds h on h.id = e.hold_id where e.key = 'hold:' || p_key
$$;
comment on function private.hold_of is 'The hold that was opened by this key, or null.';

create function private.capture_hold(p_hold_id uuid, p_key text, p_reason text, p_generation_id uuid default null)
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_hold public.credit_holds;
begin
	update public.credit_holds set captured = captured + 1 where id = p_hold_id returning * into v_hold;
	if not private.move_credits(v_hold.owner_id, v_hold.unit, 'capture', 0, -1, 'capture:' || p_key, p_reason,
		p_hold_id => p_hold_id, p_generation_id => p_generation_id) then
		raise exception 'captured twice: %', p_key;
	end if;
end $$;

create function private.release_hold(p_hold_id uuid, p_key text, p_reason text, p_generation_id uuid default null)
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_hold public.credit_holds;
begin
	update public.credit_holds set released = released + 1 where id = p_hold_id returning * into v_hold;
	if not private.move_credits(v_hold.owner_id, v_hold.unit, 'release', 1, -1, 'release:' || p_key, p_reason,
		p_hold_id => p_hold_id, p_generation_id => p_generation_id) then
		raise exception 'released twice: %', p_key;
	end if;
end $$;

create function private.granted_by(p_order_id uuid, p_unit public.credit_unit)
returns integer
language sql
stable
set search_path = ''
as $$
	select coalesce(sum(available), 0)::integer from public.credit_entries
	where order_id = p_order_id and unit = p_unit and kind in ('grant', 'refund', 'restore', 'chargeback')
$$;
comment on function private.granted_by is 'What an order has given, less what was taken back of it.';

create function private.ledger_differences()
returns table (what text, id text, stated bigint, summed bigint)
language sql
stable
set search_path = ''
as $$
	with sums as (
		select owner_id, unit, sum(available) as available, sum(held) as held
		from public.credit_entries group by owner_id, unit
	), settled as (
		select hold_id,
			coalesce(sum(held) filter (where kind = 'hold'), 0) as amount,
			coalesce(-sum(held) filter (where kind = 'capture'), 0) as captured,
			coalesce(-sum(held) filter (where kind = 'release'), 0) as released
		from public.credit_entries where hold_id is not null group by hold_id
	), compared as (
		select 'available ' || unit as what, owner_id::text as id, b.available::bigint as stated,
			coalesce(s.available, 0) as summed
		from public.credit_balances b full join sums s using (owner_id, unit)
		union all
		select 'held ' || unit, owner_id::text, b.held, coalesce(s.held, 0)
		from public.credit_balances b full join sums s using (owner_id, unit)
		union all
		select side.what, coalesce(h.id, s.hold_id)::text, side.stated, side.summed
		from public.credit_holds h full join settled s on s.hold_id = h.id
		cross join lateral (values
			('amount of hold', h.amount::bigint, s.amount),
			('captured of hold', h.captured, s.captured),
			('released of hold', h.released, s.released)
		) as side (what, stated, summed)
		union all
		-- What the account has set aside is what its open holds have left.
		select 'open holds ' || b.unit, b.owner_id::text, b.held, coalesce(sum(h.amount - h.captured - h.released), 0)
		from public.credit_balances b
		left join public.credit_holds h on h.owner_id = b.owner_id and h.unit = b.unit
		group by b.unit, b.owner_id, b.held
	)
	select what, id, stated, summed from compared where stated is distinct from summed
$$;
comment on function private.ledger_differences is
	'The checker: one row for every balance or hold that is not the sum of its entries. Must be empty.';

create function service.start_with_credits(p_owner_id uuid, p_shoot_id uuid, p_count integer)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_shoot public.shoots := private.lock_shoot(p_shoot_id, p_owner_id);
	v_headshots integer;
	v_trainings integer;
begin
	if v_shoot.status <> 'draft' and v_shoot.headshots_wanted is not null then return v_shoot.headshots_wanted; end if;
	if v_shoot.status <> 'draft' then
		perform private.refuse(409, 'not_now', 'This shoot has been paid.', 'Go on to your photos.');
	end if;
	perform private.require_consents(p_owner_id, array['adult', 'terms']::public.consent_purpose[]);
	perform private.require_processor(private.processor_of(v_shoot.engine));
	select sum(available) filter (where unit = 'headshot'), sum(available) filter (where unit = 'training')
	into v_headshots, v_trainings
	from public.credit_balances where owner_id = p_owner_id;
	if p_count is null or p_count < 1 or p_count > v_headshots then
		perform private.refuse(402, 'credits_missing', 'There are not enough portrait credits left.',
			'Ask for fewer, or buy an offer.');
	end if;
	if v_shoot.engine = 'studio' and v_trainings < 1 then
		perform private.refuse(402, 'credits_missing', 'There is no training credit left.',
			'Use the portraits on Instant, which needs none, or buy an offer.');
	end if;
	if (select count(*) from public.shoot_styles where shoot_id = p_shoot_id)
		not between 1 and least(p_count, (select style_limit from public.offers where id = v_shoot.offer_id)) then
		perform private.refuse(409, 'not_now', 'Choose at least one style, and no more than portraits.',
			'Go back one step to your styles.');
	end if;
	update public.shoots set status = 'paid', headshots_wanted = p_count where id = p_shoot_id;
	return p_count;
end $$;
comment on function service.start_with_credits is
	'Begins a shoot without an order, with credits that are there, on either engine; answers for how many portraits. They are set aside when the photos are sealed, as for one that was bought; when the order that granted them is refunded before that, they are gone and sealing refuses (402); what was set aside or delivered by then stays. Refuses: 402 credits, 403 consent, 404, 409 paid or no styles, 503 an engine that is off.';
grant execute on function service.start_with_credits to service_role;
