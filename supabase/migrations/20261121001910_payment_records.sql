-- Payment records: what bookkeeping wants kept of the payments of an account that was erased.

create table private.payment_records (
	id uuid primary key default gen_random_uuid(),
	payer_ref uuid not null,
	offer_id text not null,
	amount integer not null,
	charged integer,
	refunded integer not null default 0,
	currency public.currency_code not null,
	paid_at timestamptz,
	stripe_payment_intent_id text constraint payment_records_intent_is_unique unique,
	stripe_invoice_id text,
	unpaid_session_id text constraint payment_records_session_is_unique unique,
	keep_until timestamptz not null,
	constraint payment_records_are_paid_or_may_be check ((paid_at is null) = (unpaid_session_id is not null))
);
comment on table private.payment_records is
	'What the law on bookkeeping wants kept of the payments of an erased account: no name, and no way to one.';
comment on column private.payment_records.payer_ref is 'Random: payments of one payer, who is unknown.';
comment on column private.payment_records.unpaid_session_id is 'A payment that was on its way at the time: refunded when it arrives, else forgotten.';
create index payment_records_keep_until on private.payment_records (keep_until);

create function service.settle_erased_payment(
	p_session_id text, p_payment_intent_id text default null, p_charged integer default null,
	p_refunded integer default null, as_of timestamptz default now()
)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
	if p_payment_intent_id is null then
		delete from private.payment_records where unpaid_session_id = p_session_id;
		return found;
	end if;
	update private.payment_records
	set paid_at = as_of, keep_until = as_of + interval '7 years', unpaid_session_id = null,
		stripe_payment_intent_id = p_payment_intent_id, charged = p_charged, refunded = coalesce(p_refunded, 0)
	where unpaid_session_id = p_session_id;
	return found;
end $$;
comment on function service.settle_erased_payment is
	'The last word on a payment that was on its way when its account was erased: none came (then nothing is kept), or it came and was refunded. False when it is not one of those.';
grant execute on function service.settle_erased_payment to service_role;

create function service.is_erased_payment(p_session_id text)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
	select exists (select from private.payment_records where unpaid_session_id = p_session_id)
$$;
grant execute on function service.is_erased_payment to service_role;

-- Refunds are told by Stripe also after the account has gone.
create function private.follow_refund()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
	update private.payment_records set refunded = new.refunded
	where stripe_payment_intent_id = new.stripe_payment_intent_id;
	return null;
end $$;
create trigger payment_refunds_are_followed
	after insert or update on private.payment_refunds
	for each row execute function private.follow_refund();
