-- What Stripe says was refunded of a payment, and which credits that takes back.

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
	perform private.lock_payment(p_payment_intent_id);
	select * into v_order from public.orders where stripe_payment_intent_id = p_payment_intent_id;
	-- Of an account that is being erased meanwhile there is no order then, but a payment record, which follows below.
	if found then v_order := private.lock_order(v_order.id); end if;
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
			where h.owner_id = o.owner_id and h.shoot_id = o.shoot_id and h.unit = p_unit
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
			where h.owner_id = p_order.owner_id and h.shoot_id = p_order.shoot_id and h.unit = p_unit
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
	perform private.lock_balance(p_order.owner_id, p_unit);
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
