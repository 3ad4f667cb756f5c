-- A dispute: a person's bank asks for the money back. While it is open nothing new begins; a lost one takes the
-- order's credits, also those that were used: that debt comes off what is bought next. Data rights always work.

create table public.disputes (
	stripe_dispute_id text primary key,
	owner_id uuid references public.profiles (owner_id) on delete cascade,
	order_id uuid references public.orders (id) on delete set null,
	stripe_payment_intent_id text not null,
	status text not null,
	amount integer not null,
	currency public.currency_code not null,
	is_taken boolean not null default false,
	takings integer not null default 0,
	opened_at timestamptz not null default now(),
	heard_at timestamptz not null,
	closed_at timestamptz
);
comment on table public.disputes is 'What banks ask about, as Stripe last stated it; also of a payment that we do not know yet.';
comment on column public.disputes.is_taken is 'Whether its credits are taken at the moment.';
comment on column public.disputes.takings is 'How often they were: a lost dispute can be appealed, won, and lost again.';
create index disputes_owner_id on public.disputes (owner_id);
create index disputes_order_id on public.disputes (order_id);
create index disputes_payment on public.disputes (stripe_payment_intent_id);

alter table public.disputes enable row level security;
grant select (owner_id, order_id, status, amount, currency, opened_at, closed_at) on public.disputes to authenticated;
create policy disputes_select_own on public.disputes for select to authenticated
	using (owner_id = (select private.person()));

create function private.is_open_dispute(p_status text)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
begin
	-- An inquiry (warning_…) takes no money and freezes nothing.
	return p_status in ('needs_response', 'under_review', 'appeal_needs_response', 'appeal_under_review');
end $$;

create function private.is_frozen(p_owner_id uuid)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
	return (
		select exists (select from public.disputes where owner_id = p_owner_id and private.is_open_dispute(status))
	);
end $$;

create view private.out_of_good_standing as
	select owner_id from public.disputes where private.is_open_dispute(status)
	union all
	select owner_id from public.credit_balances where available < 0;
comment on view private.out_of_good_standing is 'Whose bank is asking for money back, and who owes credits: for them nothing new begins.';

create function private.is_in_good_standing(p_owner_id uuid)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
	return not exists (select from private.out_of_good_standing where owner_id = p_owner_id);
end $$;

create function private.require_good_standing(p_owner_id uuid, p_without_debt boolean default true)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
	v_owed text;
begin
	if private.is_frozen(p_owner_id) then
		perform private.refuse(409, 'not_now', 'Your bank is being asked about one of your payments.',
			'Nothing new begins until that is settled. Your portraits, your copy and your erasure work as always.');
	end if;
	select string_agg(case unit when 'training' then format('%s training', -available) else format('%s portraits', -available) end, ' and ' order by unit)
	into v_owed from public.credit_balances where owner_id = p_owner_id and available < 0;
	if p_without_debt and v_owed is not null then
		perform private.refuse(402, 'credits_missing', format('A payment was taken back after it had been used: you owe %s.', v_owed),
			'What you owe comes off the next pack or month that you buy.');
	end if;
end $$;
comment on function private.require_good_standing is 'Refuses new work: 409 during a dispute, 402 while credits are owed.';

create function service.settle_dispute(
	p_dispute_id text, p_payment_intent_id text, p_status text, p_amount integer, p_currency text, p_heard_at timestamptz,
	as_of timestamptz default now()
)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_known public.disputes;
begin
	perform private.lock_payment(p_payment_intent_id);
	perform private.lock_order(id) from public.orders where stripe_payment_intent_id = p_payment_intent_id;
	insert into public.disputes as d (stripe_dispute_id, stripe_payment_intent_id, status, amount, currency, opened_at, heard_at)
	values (p_dispute_id, p_payment_intent_id, p_status, p_amount, lower(p_currency), as_of, p_heard_at)
	on conflict (stripe_dispute_id) do update set status = excluded.status, amount = excluded.amount, heard_at = excluded.heard_at
		where d.heard_at <= excluded.heard_at
	returning * into v_known;
	if not found then return 'stale'; end if;
	return coalesce(private.meet_dispute(p_payment_intent_id, as_of), 'unknown_payment');
end $$;
comment on function service.settle_dispute is
	'Notes a dispute as fetched from Stripe (p_heard_at: when we asked): freezes, unfreezes, takes back or restores, each once. Answers a DisputeSettlement of domain/order.ts.';
grant execute on function service.settle_dispute to service_role;

create function private.meet_dispute(p_payment_intent_id text, as_of timestamptz)
returns text
language plpgsql
set search_path = ''
as $$
declare
	v_order public.orders;
	v_dispute public.disputes;
	v_answer text;
begin
	select * into v_order from public.orders where stripe_payment_intent_id = p_payment_intent_id and owner_id is not null;
	if not found then return null; end if;
	for v_dispute in
		select * from public.disputes where stripe_payment_intent_id = p_payment_intent_id for no key update
	loop
		update public.disputes
		set owner_id = v_order.owner_id, order_id = v_order.id,
			closed_at = case when not private.is_open_dispute(v_dispute.status) and v_dispute.status not like 'warning\_%\_%' then coalesce(closed_at, as_of) end
		where stripe_dispute_id = v_dispute.stripe_dispute_id;
		if v_dispute.status = 'lost' and not v_dispute.is_taken then
			perform private.take_disputed(v_order, v_dispute, as_of);
			v_answer := 'taken_back';
		elsif v_dispute.status in ('won', 'prevented', 'warning_closed') and v_dispute.is_taken then
			perform private.restore_disputed(v_order, v_dispute);
			v_answer := 'restored';
		elsif private.is_open_dispute(v_dispute.status) then
			perform private.write_mail(v_order.owner_id, 'dispute_opened:' || v_dispute.stripe_dispute_id, 'dispute_opened',
				jsonb_build_object('order_id', v_order.id, 'amount', v_dispute.amount, 'currency', v_dispute.currency));
			v_answer := 'frozen';
		else
			v_answer := 'noted';
		end if;
	end loop;
	return v_answer;
end $$;

create function private.take_disputed(p_order public.orders, p_dispute public.disputes, as_of timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_unit public.credit_unit;
	v_granted integer;
begin
	perform private.end_shoot_of(p_order, as_of);
	foreach v_unit in array enum_range(null::public.credit_unit) loop
		v_granted := private.granted_by(p_order.id, v_unit);
		continue when v_granted <= 0;
		perform private.move_credits(p_order.owner_id, v_unit, 'chargeback', -v_granted, 0,
			format('chargeback:%s:%s:%s', v_unit, p_dispute.stripe_dispute_id, p_dispute.takings + 1),
			'Your bank took the payment back', p_order_id => p_order.id);
	end loop;
	update public.disputes set is_taken = true, takings = takings + 1 where stripe_dispute_id = p_dispute.stripe_dispute_id;
	perform private.enqueue('end_subscription', 'subscription_id', stripe_subscription_id)
	from public.subscriptions where id = p_order.subscription_id and status <> 'canceled' and stripe_subscription_id is not null;
end $$;

create function private.restore_disputed(p_order public.orders, p_dispute public.disputes)
returns void
language plpgsql
set search_path = ''
as $$
begin
	perform private.move_credits(e.owner_id, e.unit, 'restore', -e.available, 0, 'restore:' || e.key,
		'The dispute was settled for us; the credits are yours again', p_order_id => p_order.id)
	from public.credit_entries e
	where e.order_id = p_order.id and e.kind = 'chargeback'
		and e.key like format('chargeback:%%:%s:%s', p_dispute.stripe_dispute_id, p_dispute.takings);
	update public.disputes set is_taken = false where stripe_dispute_id = p_dispute.stripe_dispute_id;
end $$;
