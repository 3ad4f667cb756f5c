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
	stripe_customer_id text primary key,
	owner_id uuid not null references public.profiles (owner_id) on delete cascade,
	noted_at timestamptz not null default now()
);
comment on table private.stripe_customers is
	'Who a person is to Stripe. The first is named at every later order; two pages that were open at once make two, and both go with the account.';
create index stripe_customers_owner_id on private.stripe_customers (owner_id, noted_at);

create function private.customer_of(p_owner_id uuid)
returns text
language sql
stable
set search_path = ''
as $$
	select stripe_customer_id from private.stripe_customers
	where owner_id = p_owner_id order by noted_at, stripe_customer_id limit 1
$$;

create table private.promotion_uses (
	owner_id uuid not null references public.profiles (owner_id) on delete cascade,
	stripe_promotion_code_id text not null,
	stripe_checkout_session_id text not null,
	used_at timestamptz not null default now(),
	constraint promotion_uses_once_per_payer primary key (owner_id, stripe_promotion_code_id)
);
comment on table private.promotion_uses is
	'Who has used which promotion code: each once for a payer, however many pages are open.';

create function private.retire_page(p_session_id text, as_of timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
begin
	perform service.enqueue_job('settle_checkout:' || p_session_id, 'settle_checkout',
		jsonb_build_object('session_id', p_session_id), as_of + interval '25 hours')
	where p_session_id is not null;
end $$;
comment on function private.retire_page is
	'For a page that is closed because another took its place. Should closing it fail: once it cannot be paid any more, its last word is heard.';

create function private.next_page(p_version integer, p_session_id text, p_opened_at timestamptz, as_of timestamptz)
returns integer
language sql
immutable
set search_path = ''
as $$
	select p_version + case when p_session_id is null and p_opened_at < as_of - interval '1 hour' then 1 else 0 end
$$;
comment on function private.next_page is
	'An hour after a session was asked for and never recorded, its idempotency key is not used again: Stripe refuses a key whose parameters (address, customer) have changed since.';

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
	perform private.retire_page(v_superseded, as_of);
	update public.orders
	set checkout_version = private.next_page(checkout_version, stripe_checkout_session_id, opened_at, as_of),
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
			private.customer_of(p_owner_id), v_order.stripe_checkout_session_id, v_superseded, v_order.checkout_version,
			not exists (select from private.promotion_uses where owner_id = p_owner_id)
		from public.profiles p where p.owner_id = p_owner_id;
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

create function private.lock_payment(p_payment_intent_id text)
returns void
language sql
set search_path = ''
as $$ select pg_advisory_xact_lock(hashtextextended(p_payment_intent_id, 0)) $$;
comment on function private.lock_payment is
	'Before everything else, by whoever tells of a payment and by whoever tells what became of it (a refund, a dispute): told at the same moment, neither would see the other. Nothing is locked for null.';

create function private.lock_order(p_order_id uuid)
returns public.orders
language plpgsql
set search_path = ''
as $$
declare
	v_order public.orders;
begin
	-- The shoot first, by the order's reference to it, which changes only when that is erased.
	perform from public.shoots where id = (select shoot_id from public.orders where id = p_order_id) for no key update;
	select * into v_order from public.orders where id = p_order_id for no key update;
	return v_order;
end $$;

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
	perform private.lock_payment(p_payment_intent_id);
	select * into v_order from public.orders where id = p_order_id;
	if not found then
		select * into v_order from public.orders where stripe_checkout_session_id = p_session_id;
	end if;
	if v_order.owner_id is null then return 'unknown_order'; end if;
	v_order := private.lock_order(v_order.id);
	-- Stripe has made it, whatever comes of the payment.
	if p_customer_id is not null then
		insert into private.stripe_customers (owner_id, stripe_customer_id)
		values (v_order.owner_id, p_customer_id)
		on conflict do nothing;
	end if;

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
