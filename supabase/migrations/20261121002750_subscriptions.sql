-- A subscription: a plan that renews every month until it is cancelled. Its rows move only by what was fetched
-- from Stripe. There is no trial: the first portraits come with the first paid invoice, so that a stolen card
-- can try nothing here, and somebody who is new costs nothing.

create table public.subscriptions (
	id uuid primary key default gen_random_uuid(),
	owner_id uuid not null references public.profiles (owner_id) on delete cascade,
	offer_id text not null references public.offers (id),
	status public.subscription_status not null default 'pending',
	stripe_subscription_id text constraint subscriptions_stripe_id_is_unique unique,
	stripe_checkout_session_id text constraint subscriptions_session_is_unique unique,
	checkout_version integer not null default 1,
	current_period_start timestamptz,
	current_period_end timestamptz,
	is_ending boolean not null default false,
	payment_failed_at timestamptz,
	created_at timestamptz not null default now(),
	opened_at timestamptz not null default now(),
	judged_at timestamptz,
	heard_at timestamptz,
	ended_at timestamptz,
	next_check_at timestamptz
);
comment on table public.subscriptions is 'One person''s plan: what it is, until when it is paid, and how it stands. Each paid month is an order.';
comment on column public.subscriptions.is_ending is 'It ends with the period that is paid for, unless it is resumed.';
comment on column public.subscriptions.judged_at is 'When the page it was begun on was looked at: which code was used, and whether it may be.';
comment on column public.subscriptions.heard_at is 'When we asked Stripe for what stands here: an older answer never overwrites a newer one.';
create unique index subscriptions_one_page_per_person on public.subscriptions (owner_id) where status = 'pending';
create unique index subscriptions_one_live_per_person on public.subscriptions (owner_id)
	where status in ('trialing', 'active', 'past_due', 'unpaid', 'paused');
create index subscriptions_owner_id on public.subscriptions (owner_id, created_at desc);
create index subscriptions_offer_id on public.subscriptions (offer_id);
create index subscriptions_to_check on public.subscriptions (next_check_at);

alter table public.subscriptions enable row level security;
grant select (id, owner_id, offer_id, status, current_period_start, current_period_end, is_ending,
	payment_failed_at, created_at, ended_at) on public.subscriptions to authenticated;
create policy subscriptions_select_own on public.subscriptions for select to authenticated
	using (owner_id = (select private.person()));

alter table public.orders
	add constraint orders_subscription_id_fkey foreign key (subscription_id)
	references public.subscriptions (id) on delete set null;

create trigger subscriptions_are_limited
	before insert on public.subscriptions
	for each row execute function private.limit_owner('checkout');
create trigger subscriptions_leave_for_who_is_on
	before insert on public.subscriptions
	for each row execute function private.guard_sending('stripe');

create table private.plan_credits (
	owner_id uuid primary key references public.profiles (owner_id) on delete cascade,
	left_over integer not null,
	used_before integer not null
);
comment on table private.plan_credits is
	'What a plan has given and nobody had used when its last month came, and how many portraits had been used until then. A plan''s portraits are used before those of packs.';

create function private.portraits_used(p_owner_id uuid)
returns integer
language sql
stable
set search_path = ''
as $$
	select coalesce(sum(case kind when 'capture' then -held else -available end), 0)::integer
	from public.credit_entries
	where owner_id = p_owner_id and unit = 'headshot' and kind in ('capture', 'return')
$$;

create function private.plan_left(p_owner_id uuid)
returns integer
language sql
stable
set search_path = ''
as $$
	select greatest(coalesce((
		select least(p.left_over, p.left_over - (private.portraits_used(p_owner_id) - p.used_before) - b.held, b.available)
		from private.plan_credits p
		join public.credit_balances b on b.owner_id = p.owner_id and b.unit = 'headshot'
		where p.owner_id = p_owner_id
	), 0), 0)
$$;
comment on function private.plan_left is 'How many of the portraits that can be made now are the plan''s. What is being worked on counts as used.';

create function service.open_subscription(p_owner_id uuid, p_offer_id text, as_of timestamptz default now())
returns table (
	subscription_id uuid, amount integer, currency text, email text, stripe_customer_id text,
	open_session_id text, superseded_session_id text, checkout_version integer, may_use_code boolean
)
language plpgsql
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
	v_offer public.offers;
	v_subscription public.subscriptions;
	v_superseded text;
begin
	-- Two tabs of one person wait here for each other.
	perform from public.profiles where owner_id = p_owner_id and blocked_at is null for no key update;
	if not found then
		perform private.refuse(404, 'not_found', 'There is no such account.', 'It may have been erased.');
	end if;
	perform private.require_consents(p_owner_id, array['adult', 'terms']::public.consent_purpose[]);
	perform private.require_good_standing(p_owner_id, false);
	select * into v_offer from public.offers where id = p_offer_id and kind = 'plan' and is_active;
	if not found then
		perform private.refuse(404, 'not_found', 'There is no such plan.', 'Choose one of the plans shown.');
	end if;
	if exists (
		select from public.subscriptions where owner_id = p_owner_id
			and status in ('trialing', 'active', 'past_due', 'unpaid', 'paused', 'incomplete')
	) then
		perform private.refuse(409, 'not_now', 'You have a plan already.', 'You can switch or end it under Account.');
	end if;
	update public.subscriptions set status = 'expired'
	where owner_id = p_owner_id and status = 'pending' and offer_id <> p_offer_id
	returning stripe_checkout_session_id into v_superseded;
	perform private.retire_page(v_superseded, as_of);
	update public.subscriptions
	set checkout_version = private.next_page(checkout_version, stripe_checkout_session_id, opened_at, as_of),
		opened_at = as_of
	where owner_id = p_owner_id and status = 'pending'
	returning * into v_subscription;
	if not found then
		insert into public.subscriptions (owner_id, offer_id, opened_at)
		values (p_owner_id, p_offer_id, as_of)
		returning * into v_subscription;
	end if;
	return query
		select v_subscription.id, v_offer.amount, v_offer.currency::text, p.email, private.customer_of(p_owner_id),
			v_subscription.stripe_checkout_session_id, v_superseded, v_subscription.checkout_version,
			not exists (select from private.promotion_uses where owner_id = p_owner_id)
		from public.profiles p where p.owner_id = p_owner_id;
end $$;
comment on function service.open_subscription is
	'The page for a plan, made or found again: one page and one live plan per person. Refuses: 403 consent, 404 no such plan, 409 a plan already or a dispute, 429 very often.';
grant execute on function service.open_subscription to service_role;

create function service.record_subscription_session(p_subscription_id uuid, p_session_id text, as_of timestamptz default now())
returns void
language sql
security definer
set search_path = ''
as $$
	update public.subscriptions
	set stripe_checkout_session_id = p_session_id, next_check_at = as_of + interval '120 seconds'
	where id = p_subscription_id and stripe_checkout_session_id is null
$$;
grant execute on function service.record_subscription_session to service_role;

create function service.judge_subscription(
	p_subscription_id uuid, p_session_id text, p_session_status text, p_stripe_subscription_id text default null,
	p_customer_id text default null, p_promotion_code_id text default null, as_of timestamptz default now()
)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_row public.subscriptions;
begin
	select * into v_row from public.subscriptions where id = p_subscription_id for no key update;
	if not found then return 'unknown_subscription'; end if;
	if p_customer_id is not null then
		insert into private.stripe_customers (owner_id, stripe_customer_id) values (v_row.owner_id, p_customer_id)
		on conflict do nothing;
	end if;
	if v_row.status = 'refused' then
		return case when v_row.stripe_checkout_session_id = p_session_id then 'promotion_used' else 'unknown_subscription' end;
	end if;
	if p_session_status = 'open' then return 'still_open'; end if;
	if p_session_status = 'expired' then
		update public.subscriptions set status = 'expired', next_check_at = null
		where id = v_row.id and status = 'pending' and stripe_checkout_session_id = p_session_id;
		return 'expired';
	end if;
	if v_row.stripe_subscription_id <> p_stripe_subscription_id then return 'mismatched'; end if;
	-- Of two pages that were both paid the second one goes back, as does one with a code that was used before.
	if exists (
			select from public.subscriptions where owner_id = v_row.owner_id and id <> v_row.id
				and status in ('trialing', 'active', 'past_due', 'unpaid', 'paused'))
		or not private.use_promotion(v_row.owner_id, p_promotion_code_id, p_session_id, as_of) then
		update public.subscriptions
		set status = 'refused', stripe_subscription_id = p_stripe_subscription_id, judged_at = as_of, next_check_at = null
		where id = v_row.id;
		perform private.write_mail(v_row.owner_id, 'promotion_used:' || p_session_id, 'promotion_used', '{}');
		return 'promotion_used';
	end if;
	update public.subscriptions
	set judged_at = coalesce(judged_at, as_of), stripe_subscription_id = coalesce(stripe_subscription_id, p_stripe_subscription_id)
	where id = v_row.id;
	return 'judged';
end $$;
comment on function service.judge_subscription is
	'Judges the page that a plan was begun on, as fetched from Stripe. Answers a SubscriptionJudgement of domain/subscription.ts.';
grant execute on function service.judge_subscription to service_role;

create function service.settle_subscription(
	p_stripe_subscription_id text, p_subscription_id uuid, p_status text, p_plan text,
	p_period_start timestamptz, p_period_end timestamptz, p_is_ending boolean, p_heard_at timestamptz,
	p_customer_id text default null, p_ended_at timestamptz default null, as_of timestamptz default now()
)
returns table (settlement text, session_to_judge text)
language plpgsql
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
	v_row public.subscriptions;
begin
	-- One statement: between two, the judgement of its page may give the row its number, and neither would find it.
	select * into v_row from public.subscriptions
	where stripe_subscription_id = p_stripe_subscription_id or id = p_subscription_id
	order by stripe_subscription_id = p_stripe_subscription_id desc nulls last limit 1
	for no key update;
	if v_row.id is null or v_row.stripe_subscription_id <> p_stripe_subscription_id then
		return query select 'unknown_subscription', null::text;
		return;
	end if;
	if v_row.judged_at is null then
		return query select 'not_judged', v_row.stripe_checkout_session_id;
		return;
	end if;
	if v_row.status = 'refused' then
		return query select 'refused', null::text;
		return;
	end if;
	if v_row.heard_at > p_heard_at or v_row.status = 'canceled' then
		return query select 'stale', null::text;
		return;
	end if;
	update public.subscriptions
	set stripe_subscription_id = p_stripe_subscription_id,
		status = p_status::public.subscription_status,
		offer_id = coalesce((select id from public.offers where id = p_plan and kind = 'plan'), offer_id),
		current_period_start = p_period_start, current_period_end = p_period_end,
		is_ending = p_is_ending and p_status <> 'canceled', heard_at = p_heard_at,
		ended_at = case when p_status in ('canceled', 'incomplete_expired') then coalesce(p_ended_at, as_of) end,
		payment_failed_at = case when p_status in ('past_due', 'unpaid') then payment_failed_at end,
		-- Once a day, and when the period is over.
		next_check_at = case when p_status not in ('canceled', 'incomplete_expired')
			then least(as_of + interval '1 day', greatest(p_period_end + interval '1 hour', as_of + interval '1 hour')) end
	where id = v_row.id;
	if p_customer_id is not null then
		insert into private.stripe_customers (owner_id, stripe_customer_id) values (v_row.owner_id, p_customer_id)
		on conflict do nothing;
	end if;
	if p_status = 'canceled' then
		-- What is left of it stays, and lapses no more.
		delete from private.plan_credits where owner_id = v_row.owner_id;
		perform private.write_mail(v_row.owner_id, 'plan_ended:' || v_row.id, 'plan_ended', jsonb_build_object(
			'plan', (select name from public.offers where id = v_row.offer_id),
			'left', greatest((select available from public.credit_balances
				where owner_id = v_row.owner_id and unit = 'headshot'), 0)));
	end if;
	return query select 'settled', null::text;
end $$;
comment on function service.settle_subscription is
	'Notes a subscription as fetched from Stripe; p_heard_at is when we asked. Answers what became of it, and the page that has to be judged first.';
grant execute on function service.settle_subscription to service_role;

create function private.plans_to_ask(as_of timestamptz)
returns table (kind text, id_name text, id text)
language sql
set search_path = ''
as $$
	update public.subscriptions
	set next_check_at = as_of + case when status = 'pending'
		then least(greatest((as_of - opened_at) / 2, interval '120 seconds'), interval '1 hour') else interval '1 day' end
	where next_check_at <= as_of and (status = 'pending' or stripe_subscription_id is not null)
	returning case when status = 'pending' then 'settle_checkout' else 'settle_subscription' end,
		case when status = 'pending' then 'session_id' else 'subscription_id' end,
		case when status = 'pending' then stripe_checkout_session_id else stripe_subscription_id end
$$;
comment on function private.plans_to_ask is
	'The jobs that ask about every open page and every live plan by itself, when it is time: a lost event is found within a day.';

create function service.customer_of_person(p_owner_id uuid)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
	v_customer text := private.customer_of(p_owner_id);
begin
	if v_customer is null then
		perform private.refuse(404, 'not_found', 'There is nothing to manage yet.', 'The page opens after your first payment.');
	end if;
	return v_customer;
end $$;
comment on function service.customer_of_person is 'Whose portal opens: the person''s own, and no other.';
grant execute on function service.customer_of_person to service_role;

create function service.subscription_of_person(p_owner_id uuid)
returns table (status text, session_id text, stripe_subscription_id text)
language sql
stable
security definer
set search_path = ''
as $$
	select status::text, stripe_checkout_session_id, stripe_subscription_id from public.subscriptions
	where owner_id = p_owner_id order by created_at desc limit 1
$$;
comment on function service.subscription_of_person is 'The newest plan of a person, or no row.';
grant execute on function service.subscription_of_person to service_role;
