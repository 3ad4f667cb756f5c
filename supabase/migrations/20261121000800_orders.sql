-- An order: a person's decision to buy one offer for one shoot. Stripe is asked for the truth; here it is judged.

create table public.orders (
	id uuid primary key default gen_random_uuid(),
	owner_id uuid references public.profiles (owner_id) on delete set null,
	shoot_id uuid references public.shoots (id) on delete set null,
	offer_id text not null references public.offers (id),
	amount integer not null constraint orders_amount_is_positive check (amount > 0),
	currency public.currency_code not null,
	status public.order_status not null default 'pending',
	stripe_checkout_session_id text constraint orders_session_is_unique unique,
	stripe_payment_intent_id text,
	stripe_invoice_id text,
	charged integer constraint orders_charged_is_not_negative check (charged >= 0),
	refunded integer not null default 0 constraint orders_refunded_is_not_negative check (refunded >= 0),
	checkout_version integer not null default 1,
	created_at timestamptz not null default now(),
	opened_at timestamptz not null default now(),
	paid_at timestamptz,
	next_check_at timestamptz,
	subscription_id uuid,
	stripe_subscription_item_id text,
	period_start timestamptz,
	period_end timestamptz,
	constraint orders_paid_has_time check (status not in ('paid', 'refunded') or paid_at is not null)
);
comment on table public.orders is
	'What was bought, for how much, and what became of it. Outlives the account, with no name on it: payment records stay seven years.';
comment on column public.orders.amount is 'Minor units (cents) before discounts; compared with the session''s subtotal.';
comment on column public.orders.charged is 'Minor units after discounts and tax.';
comment on column public.orders.subscription_id is 'Of a plan: the order is one invoice of it, for the period that it names.';
comment on column public.orders.checkout_version is 'Counts the tries to make a session; part of Stripe''s idempotency key.';
comment on column public.orders.next_check_at is 'When the sweep asks Stripe about the open session by itself.';
create unique index orders_one_pending_per_shoot on public.orders (shoot_id) where status = 'pending';
create index orders_owner_id on public.orders (owner_id, created_at desc);
create index orders_shoot_id on public.orders (shoot_id);
create index orders_offer_id on public.orders (offer_id);
create unique index orders_payment_intent on public.orders (stripe_payment_intent_id);
create unique index orders_one_per_period on public.orders (stripe_subscription_item_id, period_start);
create unique index orders_one_per_invoice_of_a_plan on public.orders (stripe_invoice_id) where subscription_id is not null;
create index orders_subscription_id on public.orders (subscription_id) where subscription_id is not null;
create index orders_to_check on public.orders (next_check_at)
	where status = 'pending' and stripe_checkout_session_id is not null;

alter table public.orders enable row level security;
grant select (id, owner_id, shoot_id, offer_id, amount, currency, status, stripe_invoice_id, charged, refunded,
	created_at, paid_at, subscription_id, period_start, period_end) on public.orders to authenticated;
create policy orders_select_own on public.orders for select to authenticated
	using (owner_id = (select private.person()));

create table private.stripe_customers (
	owner_id uuid primary key references public.profiles (owner_id) on delete cascade,
	stripe_customer_id text not null constraint stripe_customers_id_is_unique unique
);
comment on table private.stripe_customers is 'Who a person is to Stripe, so that a second order does not make a second customer.';

create table private.promotion_uses (
	owner_id uuid not null references public.profiles (owner_id) on delete cascade,
	stripe_promotion_code_id text not null,
	stripe_checkout_session_id text not null,
	used_at timestamptz not null default now(),
	constraint promotion_uses_once_per_payer primary key (owner_id, stripe_promotion_code_id)
);
comment on table private.promotion_uses is
	'Who has used which promotion code: each once for a payer, however many pages are open.';

create table private.payment_refunds (
	stripe_payment_intent_id text primary key,
	refunded integer not null constraint payment_refunds_refunded_is_not_negative check (refunded >= 0),
	amount integer not null,
	currency public.currency_code not null,
	recorded_at timestamptz not null default now()
);
comment on table private.payment_refunds is
	'Refunds as Stripe last stated them, also those that reach us before their payment does.';

create table private.payment_refund_parts (
	stripe_refund_id text primary key,
	stripe_payment_intent_id text not null,
	amount integer not null,
	status text not null
		constraint payment_refund_parts_status_is_known check (status in ('pending', 'succeeded', 'failed')),
	refund_id uuid
);
comment on table private.payment_refund_parts is
	'Each refund of a payment. A status only moves forward (pending, succeeded, failed), so that an older statement never overwrites a newer one.';
comment on column private.payment_refund_parts.refund_id is 'Ours, when we asked for it: the row of public.refunds.';
create index payment_refund_parts_payment on private.payment_refund_parts (stripe_payment_intent_id);

create function service.open_order(p_owner_id uuid, p_shoot_id uuid, as_of timestamptz default now())
returns table (
	order_id uuid, offer_name text, description text, amount integer, currency text, email text,
	stripe_customer_id text, open_session_id text, superseded_session_id text, checkout_version integer,
	may_use_code boolean
)
language plpgsql
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
	v_shoot public.shoots := private.lock_shoot(p_shoot_id, p_owner_id);
	v_offer public.offers;
	v_order public.orders;
	v_superseded text;
begin
	perform private.require_consents(p_owner_id, array['adult', 'terms']::public.consent_purpose[]);
	if v_shoot.status <> 'draft' then
		perform private.refuse(409, 'not_now', 'This shoot has been paid.', 'Go on to your photos.');
	end if;
	select * into v_offer from public.offers where id = v_shoot.offer_id;
	if not v_offer.is_active then
		perform private.refuse(409, 'not_now', 'This offer is no longer for sale.', 'Choose another one.');
	end if;
	if v_offer.kind <> 'pack' then
		perform private.refuse(409, 'not_now', 'A plan is not bought for one shoot.', 'Subscribe under Account, and start the shoot with your credits.');
	end if;
	if (select count(*) from public.shoot_styles where shoot_id = p_shoot_id)
		not between 1 and v_offer.style_limit then
		perform private.refuse(409, 'not_now',
			format('Choose 1 to %s styles before you pay.', v_offer.style_limit), 'Go back one step to your styles.');
	end if;
	-- The offer or its price has changed since: the old page must not stay payable beside the new one.
	update public.orders set status = 'expired'
	where shoot_id = p_shoot_id and status = 'pending'
		and (offer_id, amount, currency::text) <> (v_offer.id, v_offer.amount, v_offer.currency::text)
	returning stripe_checkout_session_id into v_superseded;
	if v_superseded is not null then
		-- Should closing it fail: once it cannot be paid any more, its last word is heard.
		perform service.enqueue_job('settle_checkout:' || v_superseded, 'settle_checkout',
			jsonb_build_object('session_id', v_superseded), as_of + interval '25 hours');
	end if;
	-- An hour after a session was asked for and never recorded, its idempotency key is not used again:
	-- Stripe refuses a key whose parameters (address, customer) have changed since.
	update public.orders
	set checkout_version = checkout_version + case
			when stripe_checkout_session_id is null and opened_at < as_of - interval '1 hour' then 1 else 0 end,
		opened_at = as_of
	where shoot_id = p_shoot_id and status = 'pending'
	returning * into v_order;
	if not found then
		insert into public.orders (owner_id, shoot_id, offer_id, amount, currency, opened_at)
		values (p_owner_id, p_shoot_id, v_offer.id, v_offer.amount, v_offer.currency, as_of)
		returning * into v_order;
	end if;
	return query
		select v_order.id, v_offer.name, v_offer.description, v_order.amount, v_order.currency::text, p.email,
			c.stripe_customer_id, v_order.stripe_checkout_session_id, v_superseded, v_order.checkout_version,
			not exists (select from private.promotion_uses where owner_id = p_owner_id)
		from public.profiles p
		left join private.stripe_customers c on c.owner_id = p.owner_id
		where p.owner_id = p_owner_id;
end $$;
comment on function service.open_order is
	'The pending order of a shoot, made or found again. Refuses: 403 consent, 404 not theirs, 409 paid or no styles chosen.';
grant execute on function service.open_order to service_role;

create function service.record_checkout_session(p_order_id uuid, p_session_id text, as_of timestamptz default now())
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
	update public.orders
	set stripe_checkout_session_id = p_session_id, next_check_at = as_of + interval '120 seconds'
	where id = p_order_id and stripe_checkout_session_id is null and status = 'pending';
	return found or exists (
		select from public.orders where id = p_order_id and stripe_checkout_session_id = p_session_id);
end $$;
comment on function service.record_checkout_session is
	'False when the order waits for no session (any more): it was erased, closed, or has another. Then this one must not stay payable.';
grant execute on function service.record_checkout_session to service_role;

create function service.order_of_shoot(p_owner_id uuid, p_shoot_id uuid)
returns table (order_id uuid, status public.order_status, session_id text)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
	return query
		select o.id, o.status, o.stripe_checkout_session_id from public.orders o
		where o.shoot_id = p_shoot_id and o.owner_id = p_owner_id
		order by o.status in ('paid', 'refunded') desc, o.created_at desc
		limit 1;
	if not found then
		perform private.refuse(404, 'not_found', 'There is no order for this shoot.', 'Start the checkout first.');
	end if;
end $$;
comment on function service.order_of_shoot is 'The order that was paid, else the newest one. Refuses (404) when there is none.';
grant execute on function service.order_of_shoot to service_role;

create function service.invoice_of_order(p_owner_id uuid, p_order_id uuid)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
	v_invoice text;
begin
	select stripe_invoice_id into v_invoice from public.orders where id = p_order_id and owner_id = p_owner_id;
	if not found then
		perform private.refuse(404, 'not_found', 'There is no such order.', 'Go back to your account.');
	end if;
	return v_invoice;
end $$;
grant execute on function service.invoice_of_order to service_role;

create function service.settle_order(
	p_session_id text, p_session_status text, p_payment_status text,
	p_amount_subtotal integer, p_amount_total integer, p_currency text, p_order_id uuid default null,
	p_customer_id text default null, p_payment_intent_id text default null, p_invoice_id text default null,
	p_promotion_code_id text default null, as_of timestamptz default now()
)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_order public.orders;
	v_is_paid boolean := p_session_status = 'complete' and p_payment_status in ('paid', 'no_payment_required');
begin
	select * into v_order from public.orders where id = p_order_id;
	if not found then
		select * into v_order from public.orders where stripe_checkout_session_id = p_session_id;
	end if;
	if v_order.owner_id is null then return 'unknown_order'; end if;
	if v_order.shoot_id is not null then perform private.lock_shoot(v_order.shoot_id); end if;
	select * into v_order from public.orders where id = v_order.id for no key update;

	if v_order.status in ('paid', 'refunded') then
		if v_order.stripe_checkout_session_id = p_session_id then return 'already_granted'; end if;
		-- A second session of one order was paid: somebody has to look, nothing is granted twice.
		if v_is_paid then return 'mismatched'; end if;
	end if;
	if v_order.status = 'failed' and v_order.stripe_checkout_session_id = p_session_id and v_order.charged is not null then
		return 'promotion_used';
	end if;
	if p_session_status = 'open' then return 'still_open'; end if;
	if p_session_status = 'expired' then
		update public.orders set status = 'expired'
		where id = v_order.id and status = 'pending' and stripe_checkout_session_id = p_session_id;
		return 'expired';
	end if;
	if not v_is_paid then
		-- Complete but unpaid: a delayed payment method. It comes back, or in two weeks at most it is there.
		if p_payment_status <> 'failed' and v_order.created_at > as_of - interval '14 days' then return 'still_open'; end if;
		update public.orders set status = 'failed'
		where id = v_order.id and status = 'pending' and stripe_checkout_session_id = p_session_id;
		return 'payment_failed';
	end if;
	if p_amount_subtotal is distinct from v_order.amount or lower(p_currency) is distinct from v_order.currency then
		update public.orders
		set status = 'mismatched', stripe_checkout_session_id = p_session_id,
			stripe_payment_intent_id = p_payment_intent_id, charged = p_amount_total
		where id = v_order.id;
		return 'mismatched';
	end if;

	if not private.use_promotion(v_order.owner_id, p_promotion_code_id, p_session_id, as_of) then
		-- A second page with the same code, open since before the first was paid: its payment goes back.
		update public.orders
		set status = 'failed', stripe_checkout_session_id = p_session_id,
			stripe_payment_intent_id = p_payment_intent_id, charged = p_amount_total
		where id = v_order.id;
		perform private.write_mail(v_order.owner_id, 'promotion_used:' || p_session_id, 'promotion_used',
			jsonb_build_object('amount', p_amount_total, 'currency', v_order.currency));
		return 'promotion_used';
	end if;

	update public.orders
	set status = 'paid', paid_at = as_of, charged = p_amount_total,
		stripe_checkout_session_id = p_session_id, stripe_payment_intent_id = p_payment_intent_id,
		stripe_invoice_id = p_invoice_id
	where id = v_order.id;
	perform private.grant_order(v_order.id);
	if p_customer_id is not null then
		insert into private.stripe_customers (owner_id, stripe_customer_id)
		values (v_order.owner_id, p_customer_id)
		on conflict do nothing;
	end if;
	-- The refund may have been told before the payment.
	if exists (select from private.payment_refunds where stripe_payment_intent_id = p_payment_intent_id) then
		perform private.settle_refund(v_order.id, as_of);
	end if;
	-- So may a dispute.
	perform private.meet_dispute(p_payment_intent_id, as_of);
	return 'granted';
end $$;
comment on function service.settle_order is
	'Judges a session as fetched from Stripe and grants at most once. Answers an OrderSettlement of domain/order.ts. A session that was thought closed and is paid after all is granted, too.';
grant execute on function service.settle_order to service_role;

create function private.use_promotion(p_owner_id uuid, p_code_id text, p_session_id text, as_of timestamptz)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
	if p_code_id is null then return true; end if;
	insert into private.promotion_uses (owner_id, stripe_promotion_code_id, stripe_checkout_session_id, used_at)
	values (p_owner_id, p_code_id, p_session_id, as_of)
	on conflict do nothing;
	return exists (
		select from private.promotion_uses
		where owner_id = p_owner_id and stripe_promotion_code_id = p_code_id
			and stripe_checkout_session_id = p_session_id);
end $$;
comment on function private.use_promotion is 'False when this payer used the code before, on another page.';

create function private.grant_order(p_order_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_order public.orders;
	v_offer public.offers;
begin
	select * into v_order from public.orders where id = p_order_id;
	select * into v_offer from public.offers where id = v_order.offer_id;
	-- Where no models are trained, nothing is sold that could not be used.
	if exists (select from private.processors where id = private.processor_of('studio') and is_on) then
		perform private.move_credits(v_order.owner_id, 'training', 'grant', 1, 0,
			'grant:training:' || p_order_id, format('%s: one private model', v_offer.name),
			p_order_id => p_order_id);
	end if;
	perform private.move_credits(v_order.owner_id, 'headshot', 'grant', v_offer.headshot_count, 0,
		'grant:headshot:' || p_order_id, format('%s: %s portraits', v_offer.name, v_offer.headshot_count),
		p_order_id => p_order_id);
	-- What was paid is what is made, should the draft have been changed to another offer meanwhile.
	update public.shoots set offer_id = v_order.offer_id
	where id = v_order.shoot_id and status = 'draft' and offer_id <> v_order.offer_id;
	update public.shoots set status = 'paid' where id = v_order.shoot_id and status = 'draft';
	perform private.write_mail(v_order.owner_id, 'order_paid:' || p_order_id, 'order_paid', jsonb_build_object(
		'order_id', v_order.id, 'shoot_id', coalesce(v_order.shoot_id::text, ''), 'offer_name', v_offer.name,
		'headshot_count', v_offer.headshot_count, 'amount', v_order.charged, 'currency', v_order.currency));
end $$;

create function service.refund_order(
	p_payment_intent_id text, p_amount integer, p_currency text, p_refunds jsonb,
	as_of timestamptz default now()
)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_order public.orders;
begin
	select * into v_order from public.orders where stripe_payment_intent_id = p_payment_intent_id;
	if v_order.shoot_id is not null then perform private.lock_shoot(v_order.shoot_id); end if;
	-- Whoever states the refunds of one payment waits here for the other who does.
	insert into private.payment_refunds as r (stripe_payment_intent_id, refunded, amount, currency, recorded_at)
	values (p_payment_intent_id, 0, p_amount, lower(p_currency), as_of)
	on conflict (stripe_payment_intent_id) do update set recorded_at = excluded.recorded_at;
	insert into private.payment_refund_parts as p (stripe_refund_id, stripe_payment_intent_id, amount, status, refund_id)
	select id, p_payment_intent_id, amount, status, refund_id
	from jsonb_to_recordset(p_refunds) as told (id text, amount integer, status text, refund_id uuid)
	on conflict (stripe_refund_id) do update set status = excluded.status
		where array_position(array['pending', 'succeeded', 'failed'], p.status)
			< array_position(array['pending', 'succeeded', 'failed'], excluded.status);
	update private.payment_refunds set refunded = (
		select coalesce(sum(amount), 0) from private.payment_refund_parts
		where stripe_payment_intent_id = p_payment_intent_id and status <> 'failed')
	where stripe_payment_intent_id = p_payment_intent_id;
	if v_order.id is null then return 'unknown_order'; end if;
	return private.settle_refund(v_order.id, as_of);
end $$;
comment on function service.refund_order is
	'Notes what Stripe has refunded of a payment, each refund with its id, amount, status and, if it is one of ours, refund_id. A full refund takes back what is unused and ends the shoot; one that failed brings the credits back. Answers an OrderRefund of domain/order.ts.';
grant execute on function service.refund_order to service_role;

create function private.settle_refund(p_order_id uuid, as_of timestamptz)
returns text
language plpgsql
set search_path = ''
as $$
declare
	v_order public.orders;
	v_refund private.payment_refunds;
begin
	select * into v_order from public.orders where id = p_order_id for no key update;
	select * into v_refund from private.payment_refunds
	where stripe_payment_intent_id = v_order.stripe_payment_intent_id;
	update public.orders set refunded = v_refund.refunded where id = p_order_id and refunded <> v_refund.refunded;
	perform private.settle_refund_rows(v_order, as_of);
	if v_order.status = 'refunded' then
		if v_refund.refunded >= v_refund.amount then return 'already_refunded'; end if;
		update public.orders set status = 'paid' where id = p_order_id;
		perform private.give_again(v_order, as_of);
		return 'refund_failed';
	end if;
	if v_refund.refunded < v_refund.amount or v_order.status <> 'paid' then return 'partly_refunded'; end if;

	update public.orders set status = 'refunded' where id = p_order_id;
	-- The account was erased: there is a payment record, and nobody to take anything back from.
	if v_order.owner_id is null then return 'refunded'; end if;
	perform private.end_shoot_of(v_order, as_of);
	perform private.take_back(v_order, 'training');
	perform private.take_back(v_order, 'headshot');
	perform private.write_mail(v_order.owner_id, 'order_refunded:' || p_order_id, 'order_refunded', jsonb_build_object(
		'order_id', v_order.id, 'shoot_id', coalesce(v_order.shoot_id::text, ''),
		'amount', v_refund.refunded, 'currency', v_order.currency));
	return 'refunded';
end $$;

create function private.end_shoot_of(p_order public.orders, as_of timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
begin
	if p_order.shoot_id is null or exists (
		select from public.orders where shoot_id = p_order.shoot_id and status = 'paid' and id <> p_order.id
	) then
		return;
	end if;
	perform private.cancel_work(p_order.shoot_id, as_of);
	update public.shoots set status = 'refunded' where id = p_order.shoot_id and status not in ('draft', 'refunded');
end $$;
comment on function private.end_shoot_of is 'Under the lock of the shoot: ends it when no other order pays for it.';

create function private.kept_for_others(p_order public.orders, p_unit public.credit_unit)
returns integer
language plpgsql
stable
set search_path = ''
as $$
begin
	-- What other packs' own shoots have not used. What shoots without an order of their own have used
	-- counts against the order that is refunded first.
	return (
		select coalesce(sum(greatest(0, private.granted_by(o.id, p_unit) - coalesce((
			select sum(h.amount - h.released) from public.credit_holds h
			where h.shoot_id = o.shoot_id and h.unit = p_unit
		), 0))), 0)
		from public.orders o
		where o.owner_id = p_order.owner_id and o.status = 'paid' and o.subscription_id is null
			and o.id <> p_order.id and o.shoot_id is distinct from p_order.shoot_id
	);
end $$;

create function private.unused_of(p_order public.orders, p_unit public.credit_unit)
returns integer
language plpgsql
stable
set search_path = ''
as $$
declare
	v_granted integer := private.granted_by(p_order.id, p_unit);
	v_available integer := (
		select available from public.credit_balances where owner_id = p_order.owner_id and unit = p_unit);
	v_of_plan integer := case p_unit when 'headshot' then private.plan_left(p_order.owner_id) else 0 end;
	v_by_shoot integer;
begin
	-- A plan's are used first: what the plan has left is its own.
	if p_order.subscription_id is not null then
		return greatest(least(v_granted, case p_unit when 'headshot' then v_of_plan else v_available end), 0);
	end if;
	-- Of this shoot's credits, what no delivered work has used: another order's are not touched.
	select
		coalesce((
			select sum(private.granted_by(o.id, p_unit)) from public.orders o where o.shoot_id = p_order.shoot_id
		), v_granted)
		- coalesce((
			select sum(h.amount - h.released) from public.credit_holds h
			where h.shoot_id = p_order.shoot_id and h.unit = p_unit
		), 0)
		+ case p_unit when 'headshot' then (
			select count(*) from public.returns where shoot_id = p_order.shoot_id
		) else 0 end
	into v_by_shoot;
	return greatest(least(v_granted, v_by_shoot, v_available - v_of_plan - private.kept_for_others(p_order, p_unit)), 0);
end $$;
comment on function private.unused_of is 'How many credits of an order are still there to be taken back.';

create function private.take_back(
	p_order public.orders, p_unit public.credit_unit, p_cause text default null, p_reason text default 'Your money was refunded'
)
returns integer
language plpgsql
set search_path = ''
as $$
declare
	v_unused integer;
	v_key text := format('refund:%s:%s', p_unit, p_order.id) || coalesce(':' || p_cause, '');
begin
	perform from public.credit_balances where owner_id = p_order.owner_id and unit = p_unit for no key update;
	v_unused := private.unused_of(p_order, p_unit);
	if v_unused = 0 then return 0; end if;
	-- After a refund that failed there may be a second one.
	if p_cause is null and exists (select from public.credit_entries where key = v_key) then
		v_key := v_key || ':' || (select count(*) from public.credit_entries where order_id = p_order.id);
	end if;
	if not private.move_credits(p_order.owner_id, p_unit, 'refund', -v_unused, 0, v_key, p_reason,
		p_order_id => p_order.id) then
		return 0;
	end if;
	if p_order.subscription_id is not null and p_unit = 'headshot' then
		update private.plan_credits set left_over = left_over - v_unused where owner_id = p_order.owner_id;
	end if;
	return v_unused;
end $$;
comment on function private.take_back is
	'Takes what is unused of an order''s grant, never below zero, nothing of what was delivered. Answers how many.';

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
