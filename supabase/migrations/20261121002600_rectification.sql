-- Rectification: a name or an address that a person corrects is corrected wherever it went.

insert into private.job_kinds (kind, priority, max_attempts) values ('update_customer', 60, 1000);

-- Runs as its owner: a person may write their name, and has no business with jobs.
create function private.carry_profile()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	perform private.open_own_request('rectification', new.owner_id);
	if exists (select from private.stripe_customers where owner_id = new.owner_id) then
		perform private.enqueue('update_customer', 'owner_id', new.owner_id::text);
	else
		perform private.close_own_request('rectification', new.owner_id);
	end if;
	return null;
end $$;
comment on function private.carry_profile is
	'A correction is a use of a right: done when Stripe has been told as well. Mails read name and address when they are sent.';

create trigger profiles_are_carried_on
	after update of name, email on public.profiles
	for each row when (old.name is distinct from new.name or old.email is distinct from new.email)
	execute function private.carry_profile();

create function service.customers_to_update(p_owner_id uuid)
returns table (stripe_customer_id text, email text, name text)
language sql
stable
security definer
set search_path = ''
as $$
	select c.stripe_customer_id, p.email, p.name
	from private.stripe_customers c
	join public.profiles p on p.owner_id = c.owner_id
	where c.owner_id = p_owner_id and p.blocked_at is null
	order by c.noted_at, c.stripe_customer_id
$$;
comment on function service.customers_to_update is
	'Who a person is to Stripe, with name and address as they are now. None when Stripe does not know them, or the account is being erased.';
grant execute on function service.customers_to_update to service_role;

create function service.record_customer_updated(p_owner_id uuid, as_of timestamptz default now())
returns void
language sql
security definer
set search_path = ''
as $$
	select private.close_own_request('rectification', p_owner_id, as_of)
$$;
comment on function service.record_customer_updated is 'Stripe has been told: the correction is done everywhere.';
grant execute on function service.record_customer_updated to service_role;
