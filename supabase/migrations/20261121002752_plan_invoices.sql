-- What a paid invoice of a plan brings: an order and its credits, once per subscription item and period.

create function service.settle_invoice(
	p_invoice_id text, p_stripe_subscription_id text, p_status text, p_amount_paid integer, p_currency text,
	p_lines jsonb, p_payment_intent_id text default null, p_attempts integer default 0,
	p_next_attempt_at timestamptz default null, as_of timestamptz default now()
)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_row public.subscriptions;
	v_line record;
	v_offer public.offers;
	v_granted integer := 0;
begin
	perform private.lock_payment(p_payment_intent_id);
	select * into v_row from public.subscriptions where stripe_subscription_id = p_stripe_subscription_id for no key update;
	if not found then return 'unknown_subscription'; end if;
	if v_row.status = 'refused' then return 'refused'; end if;
	if p_status <> 'paid' then
		if p_status <> 'open' or p_attempts = 0 then return 'not_due'; end if;
		update public.subscriptions set payment_failed_at = coalesce(payment_failed_at, as_of)
		where id = v_row.id and status <> 'canceled';
		perform private.write_mail(v_row.owner_id, 'plan_payment_failed:' || p_invoice_id, 'plan_payment_failed',
			jsonb_build_object('plan', (select name from public.offers where id = v_row.offer_id),
				'next', coalesce(to_char(p_next_attempt_at, 'FMDD FMMonth'), '')));
		return 'payment_failed';
	end if;
	update public.subscriptions set payment_failed_at = null where id = v_row.id and status in ('active', 'canceled');
	if exists (select from public.orders where stripe_invoice_id = p_invoice_id and subscription_id is not null) then
		return 'already_granted';
	end if;
	for v_line in
		select * from jsonb_to_recordset(p_lines) as line (
			item text, plan text, amount integer, is_proration boolean, period_start timestamptz, period_end timestamptz)
	loop
		continue when v_line.is_proration;
		select * into v_offer from public.offers where id = v_line.plan and kind = 'plan';
		-- A trial costs nothing and gives nothing; another price is somebody's to look at.
		continue when v_line.amount = 0;
		if v_offer.id is null or v_offer.amount <> v_line.amount or v_offer.currency <> lower(p_currency) then
			return 'mismatched';
		end if;
		if private.grant_month(v_row, v_offer, v_line.item, v_line.period_start, v_line.period_end,
			p_invoice_id, p_payment_intent_id, p_amount_paid, as_of) then
			v_granted := v_granted + 1;
		else
			return 'already_granted';
		end if;
	end loop;
	if v_granted = 0 then v_granted := private.grant_switch(v_row, p_lines, p_currency, p_invoice_id,
		p_payment_intent_id, p_amount_paid, as_of); end if;
	if p_payment_intent_id is not null then
		perform private.settle_refund(id, as_of) from public.orders
		where stripe_payment_intent_id = p_payment_intent_id
			and exists (select from private.payment_refunds r where r.stripe_payment_intent_id = p_payment_intent_id);
		perform private.meet_dispute(p_payment_intent_id, as_of);
	end if;
	return case when v_granted > 0 then 'granted' else 'nothing_due' end;
end $$;
comment on function service.settle_invoice is
	'Judges an invoice as fetched from Stripe and grants its month at most once. A failed payment is told by mail and takes nothing away. Answers an InvoiceSettlement of domain/subscription.ts.';
grant execute on function service.settle_invoice to service_role;

create function private.add_plan_order(
	p_row public.subscriptions, p_offer public.offers, p_invoice_id text, p_payment_intent_id text, p_paid integer,
	as_of timestamptz, p_item text default null, p_start timestamptz default null, p_end timestamptz default null
)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
	v_order_id uuid;
begin
	insert into public.orders (owner_id, offer_id, amount, currency, status, stripe_payment_intent_id, stripe_invoice_id,
		charged, paid_at, subscription_id, stripe_subscription_item_id, period_start, period_end)
	values (p_row.owner_id, p_offer.id, p_offer.amount, p_offer.currency, 'paid', p_payment_intent_id, p_invoice_id,
		p_paid, as_of, p_row.id, p_item, p_start, p_end)
	on conflict do nothing
	returning id into v_order_id;
	return v_order_id;
end $$;

create function private.grant_month(
	p_row public.subscriptions, p_offer public.offers, p_item text, p_start timestamptz, p_end timestamptz,
	p_invoice_id text, p_payment_intent_id text, p_paid integer, as_of timestamptz
)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
	v_order_id uuid := private.add_plan_order(p_row, p_offer, p_invoice_id, p_payment_intent_id, p_paid, as_of, p_item, p_start, p_end);
	v_is_first boolean;
	v_left integer;
	v_stays integer;
begin
	if v_order_id is null then return false; end if;
	v_is_first := not exists (
		select from public.orders where subscription_id = p_row.id and id <> v_order_id);
	if v_is_first and exists (select from private.processors where id = 'fal' and is_on) then
		perform private.move_credits(p_row.owner_id, 'training', 'grant', 1, 0, 'grant:training:' || v_order_id,
			format('%s: one private model, with the first month', p_offer.name), p_order_id => v_order_id);
	end if;
	perform private.lock_balance(p_row.owner_id, 'headshot');
	v_left := private.plan_left(p_row.owner_id);
	v_stays := least(v_left, p_offer.roll_over_limit);
	if v_left > v_stays then
		perform private.move_credits(p_row.owner_id, 'headshot', 'lapse', v_stays - v_left, 0, 'lapse:headshot:' || v_order_id,
			format('%s: up to %s unused portraits stay for another month; %s lapsed', p_offer.name, p_offer.roll_over_limit, v_left - v_stays),
			p_order_id => v_order_id);
	end if;
	perform private.move_credits(p_row.owner_id, 'headshot', 'grant', p_offer.headshot_count, 0, 'grant:headshot:' || v_order_id,
		format('%s: %s portraits for %s to %s', p_offer.name, p_offer.headshot_count,
			to_char(p_start at time zone 'utc', 'FMDD FMMon'), to_char(p_end at time zone 'utc', 'FMDD FMMon YYYY')),
		p_order_id => v_order_id);
	insert into private.plan_credits (owner_id, left_over, used_before)
	values (p_row.owner_id, v_stays + p_offer.headshot_count, private.portraits_used(p_row.owner_id)
		+ (select held from public.credit_balances where owner_id = p_row.owner_id and unit = 'headshot'))
	on conflict (owner_id) do update set left_over = excluded.left_over, used_before = excluded.used_before;
	perform private.write_mail(p_row.owner_id, 'plan_paid:' || v_order_id, 'plan_paid', jsonb_build_object(
		'plan', p_offer.name, 'headshot_count', p_offer.headshot_count, 'amount', p_paid, 'currency', p_offer.currency,
		'until', to_char(p_end at time zone 'utc', 'FMDD FMMonth YYYY')));
	return true;
end $$;

create function private.grant_switch(
	p_row public.subscriptions, p_lines jsonb, p_currency text, p_invoice_id text, p_payment_intent_id text,
	p_paid integer, as_of timestamptz
)
returns integer
language plpgsql
set search_path = ''
as $$
declare
	v_new record;
	v_old public.offers;
	v_offer public.offers;
	v_given integer;
	v_more integer;
	v_order_id uuid;
begin
	select line.* into v_new from jsonb_to_recordset(p_lines) as line (
		item text, plan text, amount integer, is_proration boolean, period_start timestamptz, period_end timestamptz)
	where is_proration and amount > 0 limit 1;
	select o.* into v_old from jsonb_to_recordset(p_lines) as line (plan text, amount integer, is_proration boolean)
	join public.offers o on o.id = line.plan where is_proration and line.amount < 0 limit 1;
	select * into v_offer from public.offers where id = v_new.plan and kind = 'plan';
	if v_offer.id is null or v_old.id is null or p_paid <= 0 or v_offer.currency <> lower(p_currency) then return 0; end if;
	-- Never more in one period than the larger plan gives, whoever switches to and fro.
	v_given := (
		select coalesce(sum(e.available), 0) from public.credit_entries e
		join public.orders o on o.id = e.order_id
		where o.subscription_id = p_row.id and o.period_end = v_new.period_end and e.unit = 'headshot' and e.kind = 'grant');
	v_more := least(
		(v_offer.headshot_count - v_old.headshot_count) * v_new.amount / v_offer.amount,
		v_offer.headshot_count - v_given);
	if v_more <= 0 then return 0; end if;
	v_order_id := private.add_plan_order(p_row, v_offer, p_invoice_id, p_payment_intent_id, p_paid, as_of,
		null, v_new.period_start, v_new.period_end);
	if v_order_id is null then return 0; end if;
	perform private.move_credits(p_row.owner_id, 'headshot', 'grant', v_more, 0, 'grant:headshot:' || v_order_id,
		format('Switched to %s: %s more portraits for the rest of the month', v_offer.name, v_more), p_order_id => v_order_id);
	update private.plan_credits set left_over = left_over + v_more where owner_id = p_row.owner_id;
	return v_more;
end $$;
comment on function private.grant_switch is
	'A switch to a larger plan: the difference in portraits for the part of the month that was paid, rounded down.';

create function service.record_late_invoice(
	p_invoice_id text, p_plan text, p_payment_intent_id text, p_amount integer, p_currency text, p_refunded integer,
	as_of timestamptz default now()
)
returns void
language sql
security definer
set search_path = ''
as $$
	insert into private.payment_records (payer_ref, offer_id, amount, charged, refunded, currency, paid_at,
		stripe_payment_intent_id, stripe_invoice_id, keep_until)
	values (gen_random_uuid(), p_plan, p_amount, p_amount, p_refunded, lower(p_currency), as_of,
		p_payment_intent_id, p_invoice_id, as_of + interval '7 years')
	on conflict (stripe_payment_intent_id) do update set refunded = excluded.refunded
$$;
comment on function service.record_late_invoice is
	'An invoice that was paid while its account was being erased, and was refunded: a payment record without a name.';
grant execute on function service.record_late_invoice to service_role;
