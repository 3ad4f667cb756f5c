-- Refunds: what a person takes back themselves, what we give back because we did not deliver, and what the
-- operator gives. Credits leave first, in the transaction that asks; the money follows by a job.

create table public.refunds (
	id uuid primary key default gen_random_uuid(),
	owner_id uuid not null references public.profiles (owner_id) on delete cascade,
	order_id uuid references public.orders (id) on delete set null,
	kind text not null
		constraint refunds_kind_is_known check (kind in ('whole', 'unused', 'undelivered', 'operator')),
	amount integer not null constraint refunds_amount_is_positive check (amount > 0),
	currency public.currency_code not null,
	portraits integer not null default 0,
	reason text not null,
	status text not null default 'asked'
		constraint refunds_status_is_known check (status in ('asked', 'sent', 'returned', 'failed', 'refused')),
	asked_by text not null,
	stripe_refund_id text constraint refunds_stripe_id_is_unique unique,
	created_at timestamptz not null default now(),
	settled_at timestamptz
);
comment on table public.refunds is 'Money that goes back: how much, why, who asked, and how it ended.';
comment on column public.refunds.portraits is 'Portrait credits that were taken back for it.';
comment on column public.refunds.asked_by is 'person, deadline, or the database role of the operator who did it.';
create unique index refunds_one_at_a_time on public.refunds (order_id) where status in ('asked', 'sent');
create unique index refunds_once_by_the_person on public.refunds (order_id)
	where kind <> 'operator' and status in ('asked', 'sent', 'returned');
create index refunds_owner_id on public.refunds (owner_id, created_at desc);
create index refunds_order_id on public.refunds (order_id);

alter table public.refunds enable row level security;
grant select (id, owner_id, order_id, kind, amount, currency, portraits, reason, status, created_at, settled_at)
	on public.refunds to authenticated;
create policy refunds_select_own on public.refunds for select to authenticated
	using (owner_id = (select private.person()));

-- In numbers: 14 days from the payment; a private model that was trained counts for 30 per cent of the price, the
-- portraits share the rest. What we did not deliver goes back whole, with no deadline for asking, and by itself after 7 days.
create function private.refund_quote(p_order public.orders, as_of timestamptz)
returns table (kind text, amount integer, portraits integer, until timestamptz, why_not text)
language plpgsql
stable
set search_path = ''
as $$
declare
	v_left integer := p_order.charged - p_order.refunded;
	v_until timestamptz := p_order.paid_at + interval '14 days';
	v_headshots integer := private.granted_by(p_order.id, 'headshot');
	v_trainings integer := private.granted_by(p_order.id, 'training');
	v_unused integer := private.unused_of(p_order, 'headshot');
	v_untrained integer := private.unused_of(p_order, 'training');
	v_share numeric := case when v_trainings > 0 then 0.3 else 0 end;
	v_shoot public.shoots;
	v_amount integer;
	v_no text;
begin
	select * into v_shoot from public.shoots where id = p_order.shoot_id;
	v_no := case
		when p_order.status <> 'paid' then 'This order is not paid, or was refunded.'
		when v_left <= 0 or p_order.stripe_payment_intent_id is null then 'Nothing was charged for it.'
		when exists (select from public.refunds r where r.order_id = p_order.id and r.kind <> 'operator'
			and r.status in ('asked', 'sent', 'returned')) then 'A refund of it is under way, or was made.'
		when exists (select from public.disputes d where d.stripe_payment_intent_id = p_order.stripe_payment_intent_id
			and d.status not in ('won', 'warning_closed', 'prevented')) then 'Your bank is asked about this payment already.'
	end;
	if v_no is not null then
		return query select 'none', 0, 0, v_until, v_no;
	elsif v_shoot.status = 'failed' and not exists (
		select from public.credit_holds h
		where h.owner_id = v_shoot.owner_id and h.shoot_id = v_shoot.id and h.unit = 'headshot' and h.captured > 0
	) then
		return query select 'undelivered', v_left, v_unused, null::timestamptz, null::text;
	elsif as_of > v_until then
		return query select 'none', 0, 0, v_until, 'The 14 days for a refund are over.';
	elsif v_unused = v_headshots and v_untrained = v_trainings then
		return query select 'whole', v_left, v_unused, v_until, null::text;
	else
		v_amount := least(v_left, floor(p_order.charged * (
			v_share * v_untrained / greatest(v_trainings, 1)
			+ (1 - v_share) * v_unused / greatest(v_headshots, 1)))::integer);
		return query select case when v_amount > 0 then 'unused' else 'none' end, v_amount, v_unused, v_until,
			case when v_amount > 0 then null else 'All of it was used.' end;
	end if;
end $$;
comment on function private.refund_quote is 'What an order would give back now, in numbers, or why it gives nothing.';

create function service.refund_quotes(p_owner_id uuid, as_of timestamptz default now())
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
	select coalesce(jsonb_agg(jsonb_build_object('orderId', o.id, 'kind', q.kind, 'amount', q.amount,
		'currency', o.currency, 'portraits', q.portraits, 'until', q.until) order by o.paid_at desc), '[]')
	from public.orders o cross join lateral private.refund_quote(o, as_of) q
	where o.owner_id = p_owner_id and o.status = 'paid' and q.kind <> 'none'
$$;
comment on function service.refund_quotes is 'What a person would get back of each order, before they press.';
grant execute on function service.refund_quotes to service_role;

create function private.open_refund(
	p_order public.orders, p_kind text, p_amount integer, p_reason text, p_asked_by text, p_portraits integer, as_of timestamptz
)
returns public.refunds
language plpgsql
set search_path = ''
as $$
declare
	v_refund public.refunds;
	v_taken integer := 0;
begin
	insert into public.refunds (owner_id, order_id, kind, amount, currency, reason, asked_by, created_at)
	values (p_order.owner_id, p_order.id, p_kind, p_amount, p_order.currency, p_reason, p_asked_by, as_of)
	returning * into v_refund;
	if p_kind = 'operator' then
		v_taken := least(p_portraits, private.unused_of(p_order, 'headshot'));
		if v_taken > 0 then
			perform private.move_credits(p_order.owner_id, 'headshot', 'refund', -v_taken, 0,
				format('refund:headshot:%s:%s', p_order.id, v_refund.id), p_reason, p_order_id => p_order.id);
		end if;
	else
		perform private.take_back(p_order, 'training', v_refund.id::text, p_reason);
		v_taken := private.take_back(p_order, 'headshot', v_refund.id::text, p_reason);
	end if;
	update public.refunds set portraits = v_taken where id = v_refund.id returning * into v_refund;
	perform private.enqueue('send_refund', 'refund_id', v_refund.id::text);
	-- A month that was taken back does not renew.
	if p_kind <> 'operator' and p_order.subscription_id is not null then
		perform private.enqueue('end_subscription', 'subscription_id', stripe_subscription_id)
		from public.subscriptions where id = p_order.subscription_id and status <> 'canceled';
	end if;
	return v_refund;
end $$;

create function service.ask_refund(p_owner_id uuid, p_order_id uuid, as_of timestamptz default now())
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_order public.orders;
	v_refund public.refunds;
	v_quote record;
begin
	select * into v_order from public.orders where id = p_order_id and owner_id = p_owner_id;
	if not found then
		perform private.refuse(404, 'not_found', 'There is no such order.', 'Go back to your account.');
	end if;
	v_order := private.lock_order(p_order_id);
	-- A double click finds the refund that the first one made.
	select * into v_refund from public.refunds
	where order_id = p_order_id and kind <> 'operator' and status in ('asked', 'sent', 'returned');
	if not found then
		perform private.lock_balance(p_owner_id, unit) from unnest(enum_range(null::public.credit_unit)) as unit;
		select * into v_quote from private.refund_quote(v_order, as_of);
		if v_quote.kind = 'none' then
			perform private.refuse(409, 'not_now', v_quote.why_not, 'Write to us if you think otherwise.');
		end if;
		v_refund := private.open_refund(v_order, v_quote.kind, v_quote.amount, case v_quote.kind
			when 'whole' then 'You took your unused order back'
			when 'undelivered' then 'We could not deliver; your money goes back'
			else format('You took back what was unused: %s portraits', v_quote.portraits)
		end, 'person', 0, as_of);
	end if;
	return jsonb_build_object('refundId', v_refund.id, 'amount', v_refund.amount, 'currency', v_refund.currency,
		'portraits', v_refund.portraits, 'status', v_refund.status);
end $$;
comment on function service.ask_refund is
	'Takes the unused credits of an order now, and has the money sent back once. Refuses: 404 not theirs, 409 with the reason.';
grant execute on function service.ask_refund to service_role;

create function private.refund_undelivered(as_of timestamptz)
returns integer
language plpgsql
set search_path = ''
as $$
declare
	v_order_id uuid;
	v_order public.orders;
	v_quote record;
	v_found integer := 0;
begin
	-- All shoots before the first balance: who works on the next one holds it while waiting for that.
	foreach v_order_id in array array(
		select o.id from public.orders o join public.shoots s on s.id = o.shoot_id
		where o.status = 'paid' and s.status = 'failed' and s.status_changed_at <= as_of - interval '7 days'
			and not exists (select from public.refunds r where r.order_id = o.id and r.status <> 'failed')
		order by o.shoot_id, o.id limit 100
		for no key update of s
	) loop
		v_order := private.lock_order(v_order_id);
		select * into v_quote from private.refund_quote(v_order, as_of);
		continue when v_quote.kind <> 'undelivered';
		perform private.open_refund(v_order, 'undelivered', v_quote.amount,
			'We could not deliver for seven days; your money goes back', 'deadline', 0, as_of);
		v_found := v_found + 1;
	end loop;
	return v_found;
end $$;
comment on function private.refund_undelivered is
	'A shoot that has stood as failed for seven days, with no portrait delivered, is refunded by itself.';

create function ops.refund(p_order_id uuid, p_amount integer, p_reason text, p_portraits integer default 0)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_order public.orders;
begin
	select * into v_order from public.orders where id = p_order_id for no key update;
	if v_order.owner_id is null or v_order.status <> 'paid' or p_amount not between 1 and v_order.charged - v_order.refunded then
		perform private.refuse(409, 'not_now', 'That much cannot be refunded of this order.', 'Look at what was charged and refunded.');
	end if;
	if char_length(p_reason) < 10 then
		perform private.refuse(422, 'malformed', 'Say why, in words that the person reads.', 'At least ten characters.');
	end if;
	return (private.open_refund(v_order, 'operator', p_amount, p_reason, session_user, greatest(p_portraits, 0), now())).id;
end $$;
comment on function ops.refund is
	'Gives back a part of an order, and takes up to p_portraits unused credits for it. Who did it and why stays in public.refunds.';
grant execute on function ops.refund to operator;

create function service.refund_to_send(p_refund_id uuid)
returns table (payment_intent_id text, amount integer, idempotency_key text)
language sql
stable
security definer
set search_path = ''
as $$
	select o.stripe_payment_intent_id, r.amount, 'refund-' || r.id
	from public.refunds r join public.orders o on o.id = r.order_id
	where r.id = p_refund_id and r.status = 'asked'
$$;
comment on function service.refund_to_send is 'What Stripe is to be asked for; no row when it was sent before, or its account has gone.';
grant execute on function service.refund_to_send to service_role;

create function service.record_refund_refused(p_refund_id uuid, p_code text, as_of timestamptz default now())
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_refund public.refunds;
begin
	perform private.lock_order(order_id) from public.refunds where id = p_refund_id and order_id is not null;
	select * into v_refund from public.refunds where id = p_refund_id for no key update;
	if v_refund.status is distinct from 'asked' then return; end if;
	update public.refunds set status = 'refused', settled_at = as_of, reason = reason || ' (Stripe said no: ' || p_code || ')'
	where id = p_refund_id;
	perform private.give_back_of(v_refund, as_of);
end $$;
comment on function service.record_refund_refused is 'Stripe said no to a refund: the credits are the person''s again.';
grant execute on function service.record_refund_refused to service_role;

create function private.give_back_of(p_refund public.refunds, as_of timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
begin
	perform private.restore_entry(e) from public.credit_entries e
	where e.order_id = p_refund.order_id and e.kind = 'refund' and e.key like '%:' || p_refund.id;
	perform private.write_mail(p_refund.owner_id, 'refund_failed:' || p_refund.id, 'refund_failed', jsonb_build_object(
		'order_id', p_refund.order_id, 'amount', p_refund.amount, 'currency', p_refund.currency));
end $$;

create function private.give_again(p_order public.orders, as_of timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_entry public.credit_entries;
begin
	if p_order.owner_id is null then return; end if;
	for v_entry in
		select * from public.credit_entries e
		where order_id = p_order.id and kind = 'refund'
			and not exists (select from public.credit_entries r where r.key = 'restore:' || e.key)
	loop
		perform private.restore_entry(v_entry);
	end loop;
	-- What had come back with it may be asked for again.
	update public.refunds set status = 'failed', settled_at = as_of
	where order_id = p_order.id and status = 'returned' and stripe_refund_id is null;
	perform private.write_mail(p_order.owner_id, 'refund_failed:' || p_order.id || ':' || as_of, 'refund_failed',
		jsonb_build_object('order_id', p_order.id, 'amount', p_order.refunded, 'currency', p_order.currency));
end $$;

create function private.restore_entry(p_entry public.credit_entries)
returns void
language plpgsql
set search_path = ''
as $$
begin
	if not private.move_credits(p_entry.owner_id, p_entry.unit, 'restore', -p_entry.available, 0,
		'restore:' || p_entry.key, 'Your bank sent the refund back; the credits are yours again',
		p_order_id => p_entry.order_id) then
		return;
	end if;
	if p_entry.unit = 'headshot' then
		update private.plan_credits set left_over = left_over - p_entry.available
		where owner_id = p_entry.owner_id
			and exists (select from public.orders where id = p_entry.order_id and subscription_id is not null);
	end if;
end $$;

create function private.settle_refund_rows(p_order public.orders, as_of timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_part record;
	v_refund public.refunds;
	v_is_whole boolean := (
		select refunded >= amount from private.payment_refunds
		where stripe_payment_intent_id = p_order.stripe_payment_intent_id);
begin
	for v_part in
		select * from private.payment_refund_parts
		where stripe_payment_intent_id = p_order.stripe_payment_intent_id and refund_id is not null
		order by stripe_refund_id
	loop
		select * into v_refund from public.refunds where id = v_part.refund_id and order_id = p_order.id for no key update;
		continue when not found or v_refund.status in ('failed', 'refused');
		if v_part.status = 'failed' then
			update public.refunds set status = 'failed', settled_at = as_of, stripe_refund_id = v_part.stripe_refund_id
			where id = v_refund.id;
			perform private.give_back_of(v_refund, as_of);
		elsif v_part.status = 'succeeded' and v_refund.status <> 'returned' then
			update public.refunds set status = 'returned', settled_at = as_of, stripe_refund_id = v_part.stripe_refund_id
			where id = v_refund.id;
			-- Of a whole one the order itself tells.
			if not v_is_whole then
				perform private.write_mail(v_refund.owner_id, 'refund_returned:' || v_refund.id, 'order_refunded',
					jsonb_build_object('order_id', p_order.id, 'shoot_id', coalesce(p_order.shoot_id::text, ''),
						'amount', v_refund.amount, 'currency', v_refund.currency));
			end if;
		elsif v_part.status = 'pending' and v_refund.status = 'asked' then
			update public.refunds set status = 'sent', stripe_refund_id = v_part.stripe_refund_id where id = v_refund.id;
		end if;
	end loop;
	-- All of it went back by another way, at Stripe's own page: nothing is left to send, or to wait for.
	if v_is_whole then
		update public.refunds set status = 'returned', settled_at = as_of
		where order_id = p_order.id and status = 'asked';
	end if;
end $$;
comment on function private.settle_refund_rows is 'Carries what Stripe said of our own refunds into their rows, each once.';
