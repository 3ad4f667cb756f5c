-- After a restore: what was paid since is granted again, or goes back; then the doors open.

create function private.payer_of(p_customer_id text, p_email text)
returns uuid
language sql
stable
set search_path = ''
as $$
	select coalesce(
		(select owner_id from private.stripe_customers where stripe_customer_id = p_customer_id),
		(select owner_id from public.profiles where email = lower(p_email)))
$$;

create function service.forget_payer(p_customer_id text, p_email text, p_redactable_at timestamptz default null)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
	if private.payer_of(p_customer_id, p_email) is not null then return false; end if;
	if p_redactable_at is not null then perform private.plan_redaction(p_customer_id, p_redactable_at); end if;
	return true;
end $$;
comment on function service.forget_payer is
	'Whether a customer at Stripe is nobody''s here, and is to be deleted there: of an account that was erased or lost. With a time, the redaction is planned as an erasure plans it.';
grant execute on function service.forget_payer to service_role;

create function service.recover_order(
	p_order_id uuid, p_session_id text, p_payment_intent_id text, p_customer_id text, p_email text, p_amount integer, p_currency text,
	as_of timestamptz default now()
)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_owner_id uuid := private.payer_of(p_customer_id, p_email);
	v_offers text[];
	v_shoot_id uuid;
begin
	-- Only after a restore can a payment of ours be about an order that we do not have.
	if p_order_id is null or (select restored_at from private.serving) is null then return 'unclear'; end if;
	-- Also of an account that was erased: what its payment comes to was settled then.
	if exists (select from public.orders where id = p_order_id)
		or exists (select from private.payment_records where stripe_payment_intent_id = p_payment_intent_id) then
		return 'known';
	end if;
	select array_agg(id) into v_offers from public.offers where amount = p_amount and currency = lower(p_currency);
	if v_owner_id is null then
		insert into private.payment_records (payer_ref, offer_id, amount, currency, unpaid_session_id, keep_until)
		values (gen_random_uuid(), coalesce(v_offers[1], 'unknown'), p_amount, lower(p_currency), p_session_id,
			as_of + interval '30 days')
		on conflict do nothing;
		perform service.note_difference('payment_of_nobody', p_session_id, 'returned', as_of);
		return 'no_account';
	end if;
	if coalesce(cardinality(v_offers), 0) <> 1 then
		perform service.note_difference('payment_unclear', p_session_id, null, as_of);
		return 'unclear';
	end if;
	-- The draft that it was paid for, if the older database has it.
	select id into v_shoot_id from public.shoots s
	where s.owner_id = v_owner_id and s.status = 'draft' and s.offer_id = v_offers[1]
		and not exists (select from public.orders o where o.shoot_id = s.id and o.status = 'pending')
	order by s.created_at desc limit 1;
	insert into public.orders (id, owner_id, shoot_id, offer_id, amount, currency, stripe_checkout_session_id, opened_at)
	values (p_order_id, v_owner_id, v_shoot_id, v_offers[1], p_amount, lower(p_currency), p_session_id, as_of);
	perform service.note_difference('payment_recovered', p_session_id, 'granted', as_of);
	return 'recovered';
end $$;
comment on function service.recover_order is
	'A paid session whose order a restore has lost. recovered: the order is there again, to be settled; no_account: the payer is gone, the money goes back; unclear: somebody has to look.';
grant execute on function service.recover_order to service_role;

create function service.open_doors(as_of timestamptz default now())
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_left integer;
begin
	select count(*) into v_left from private.jobs
	where kind like 'settle\_%' and dead_at is null
		-- Also what is tried again shortly; not what an old page may still say tomorrow.
		and run_at <= greatest(as_of, now()) + interval '10 minutes';
	if v_left > 0 then return v_left; end if;
	if exists (select from private.serving where closed_at is not null and tombstones_at is null) then
		perform private.refuse(409, 'not_now', 'Who was erased since has not been erased again.', 'Replay the tombstones first.');
	end if;
	update private.serving set closed_at = null, held_at = null, opened_at = as_of;
	perform private.note_serving();
	-- An older database also names files that are gone since. They are looked for at once, and from the beginning:
	-- where it had left off was somewhere behind them.
	update private.reconciliation_turns set position = '', taken_at = null where keeper in ('strays', 'losses', 'integrity');
	return 0;
end $$;
comment on function service.open_doors is
	'The last step of the drill. Answers how many payments are still to be settled: while there are any, nothing opens. Refuses (409) before the tombstones were replayed.';
grant execute on function service.open_doors to service_role;
