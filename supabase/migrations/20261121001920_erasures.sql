-- Erasure: what a person had with us is destroyed everywhere, and a receipt says so.
--   The database forgets at once, in the transaction of the request: whatever comes later finds nothing to write to.

insert into private.job_kinds (kind, priority, max_attempts)
values ('erase', 5, 10000), ('redact_customer', 70, 10000);

create table private.erasures (
	id uuid primary key default gen_random_uuid(),
	scope text not null constraint erasures_scope_is_known check (scope in ('account', 'shoot', 'model')),
	origin text not null
		constraint erasures_origin_is_known check (origin in ('person', 'mail', 'minor', 'withdrawal', 'restore')),
	-- No foreign keys: what they name is gone.
	owner_id uuid,
	shoot_id uuid,
	address text,
	deleted jsonb not null default '{}',
	requested_at timestamptz not null,
	due_at timestamptz not null,
	alarmed_at timestamptz,
	active_erased_at timestamptz,
	backups_gone_at timestamptz,
	finished_at timestamptz,
	constraint erasures_end_in_order check (
		(active_erased_at is null) = (backups_gone_at is null)
		and (finished_at is null or active_erased_at is not null)),
	constraint erasures_forget_whose_they_were check (active_erased_at is null or num_nonnulls(owner_id, shoot_id) = 0)
);
comment on table private.erasures is
	'What a person asked to have destroyed. The random id is the key to its progress and receipts; whose it was is forgotten once it is done.';
comment on column private.erasures.address is 'Where the receipt is mailed to; forgotten when the mail is accepted.';
comment on column private.erasures.deleted is 'Rows deleted, by table.';
comment on column private.erasures.backups_gone_at is 'When the last backup that may hold something of it is gone.';
create unique index erasures_one_under_way on private.erasures (owner_id, scope, coalesce(shoot_id, owner_id))
	where owner_id is not null;
create index erasures_open on private.erasures (due_at) where finished_at is null;

create function private.unused_orders(p_owner_id uuid, p_shoot_id uuid default null)
returns setof public.orders
language plpgsql
stable
set search_path = ''
as $$
declare
	v_order public.orders;
	v_trainings integer;
	v_headshots integer;
	v_grant record;
begin
	-- What could be spent if all work that would be stopped were stopped now.
	select coalesce(sum(left_over) filter (where unit = 'training'), 0),
		coalesce(sum(left_over) filter (where unit = 'headshot'), 0)
	into v_trainings, v_headshots
	from (
		select unit, available as left_over from public.credit_balances where owner_id = p_owner_id
		union all
		select unit, amount - captured - released from public.credit_holds
		where owner_id = p_owner_id and shoot_id = coalesce(p_shoot_id, shoot_id)
	) as unspent;
	for v_order in
		select * from public.orders o
		where o.owner_id = p_owner_id and o.status = 'paid' and o.stripe_payment_intent_id is not null
			and o.charged > o.refunded and (p_shoot_id is null or o.shoot_id = p_shoot_id)
			and (o.subscription_id is null or o.paid_at > now() - interval '14 days')
			and not exists (select from public.credit_holds h where h.owner_id = o.owner_id and h.shoot_id = o.shoot_id and h.captured > 0)
		order by o.created_at desc
	loop
		select coalesce(sum(available) filter (where unit = 'training'), 0) as trainings,
			coalesce(sum(available) filter (where unit = 'headshot'), 0) as headshots
		into v_grant
		from public.credit_entries where order_id = v_order.id and kind = 'grant';
		continue when v_grant.trainings > v_trainings or v_grant.headshots > v_headshots;
		v_trainings := v_trainings - v_grant.trainings;
		v_headshots := v_headshots - v_grant.headshots;
		return next v_order;
	end loop;
end $$;
comment on function private.unused_orders is
	'Paid orders of which nothing was delivered and whose credits are all still there: refunded in full when they are erased.';

create function service.erasure_preview(p_owner_id uuid, p_shoot_id uuid default null)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
	return jsonb_build_object(
		'refunds', (
			select coalesce(jsonb_agg(jsonb_build_object('amount', amount, 'currency', currency)), '[]')
			from (
				select sum(charged - refunded) as amount, currency
				from private.unused_orders(p_owner_id, p_shoot_id) group by currency
			) as sums),
		'unusedPortraits', (
			select coalesce(sum(available), 0) from public.credit_balances
			where owner_id = p_owner_id and unit = 'headshot'),
		'refundedPortraits', (
			select coalesce(sum(e.available), 0) from public.credit_entries e
			join private.unused_orders(p_owner_id, p_shoot_id) o on o.id = e.order_id
			where e.unit = 'headshot' and e.kind = 'grant'),
		'loggedUntil', private.logged_until(p_owner_id, p_shoot_id));
end $$;
comment on function service.erasure_preview is 'What an erasure would give back, which credits it would take, and until when a provider''s log holds what it was shown: said before it is done.';
grant execute on function service.erasure_preview to service_role;

create function private.rows_of(p_owner_id uuid)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
	v_table regclass;
	v_count bigint;
	v_rows jsonb := '{}';
begin
	for v_table in select * from private.tables_of_people() loop
		execute format('select count(*) from %s where owner_id = $1', v_table) into v_count using p_owner_id;
		if v_count > 0 then
			v_rows := v_rows || jsonb_build_object(regexp_replace(v_table::text, '^.*\.', ''), v_count);
		end if;
	end loop;
	return v_rows;
end $$;

create function private.tables_of_people()
returns setof regclass
language sql
stable
set search_path = ''
as $$
	select c.oid::regclass
	from pg_catalog.pg_class c
	join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'owner_id' and not a.attisdropped
	where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
		-- Kept until they are worked off: what providers still hold, and the erasure itself.
		and c.oid not in ('private.provider_requests'::regclass, 'private.erasures'::regclass)
	order by c.relname
$$;
comment on function private.tables_of_people is
	'Every table whose rows belong to a person, read off the catalogue: a table that is added is erased, too.';

create function private.forget_machine_rows(p_owner_id uuid, p_shoot_id uuid default null)
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_keys text[];
	v_prefix text := p_owner_id || coalesce('/' || p_shoot_id, '') || '/%';
begin
	select array_agg(key) into v_keys from (
		select unnest(array['start_training:' || id, 'collect_training:' || id]) as key from public.trainings
		where owner_id = p_owner_id and shoot_id = coalesce(p_shoot_id, shoot_id)
		union all
		select unnest(array['submit_generation:' || id, 'collect_generation:' || id, 'make_portrait:' || id]) from public.generations
		where owner_id = p_owner_id and shoot_id = coalesce(p_shoot_id, shoot_id)
		union all
		select 'forget_request:' || request_id from private.provider_requests
		where owner_id = p_owner_id and shoot_id = coalesce(p_shoot_id, shoot_id)
		union all
		select 'forget_delivered:' || id from public.shoots where owner_id = p_owner_id and id = coalesce(p_shoot_id, id)
		union all
		select 'send_mail:' || id from private.mails where owner_id = p_owner_id and p_shoot_id is null
		union all
		select unnest(array['settle_checkout:' || stripe_checkout_session_id, 'settle_refund:' || stripe_payment_intent_id])
		from public.orders where owner_id = p_owner_id and p_shoot_id is null
		union all
		select 'send_refund:' || id from public.refunds where owner_id = p_owner_id and p_shoot_id is null
		union all
		select 'update_customer:' || p_owner_id where p_shoot_id is null
		union all
		-- Of plans and disputes what is worked off; the rest is still to be settled, with nobody.
		select job_key from private.webhook_events
		where p_shoot_id is null and not exists (select from private.jobs where key = job_key) and job_key in (
			select unnest(array['settle_subscription:' || stripe_subscription_id, 'settle_checkout:' || stripe_checkout_session_id])
			from public.subscriptions where owner_id = p_owner_id
			union all
			select 'settle_invoice:' || stripe_invoice_id from public.orders where owner_id = p_owner_id
			union all
			select 'settle_dispute:' || stripe_dispute_id from public.disputes where owner_id = p_owner_id)
	) as theirs;
	delete from private.instant_calls where owner_id = p_owner_id and shoot_id = coalesce(p_shoot_id, shoot_id);
	-- By key, as a crowd of webhooks wakes them and a runner finishes them.
	perform from private.jobs
	where key = any (v_keys)
		or (kind = 'delete_objects' and exists (
			select from jsonb_array_elements_text(payload -> 'keys') as k where k like v_prefix))
	order by key for update;
	delete from private.jobs where key = any (v_keys);
	delete from private.reconciliation_differences
	where subject in (select split_part(key, ':', 2) from unnest(v_keys) as key)
		or subject in (select external_id from private.webhook_events where job_key = any (v_keys));
	delete from private.webhook_events where job_key = any (v_keys);
	-- A batch may name files of several people: the others' stay in it.
	update private.jobs j set payload = jsonb_set(j.payload, '{keys}', kept.keys)
	from (
		select b.id, coalesce(jsonb_agg(k) filter (where k not like v_prefix), '[]') as keys
		from private.jobs b, jsonb_array_elements_text(b.payload -> 'keys') as k
		where b.kind = 'delete_objects'
		group by b.id
		having bool_or(k like v_prefix)
	) as kept
	where j.id = kept.id;
	delete from private.jobs where kind = 'delete_objects' and payload -> 'keys' = '[]';
end $$;

create function service.request_erasure(
	p_owner_id uuid, p_scope text, p_shoot_id uuid default null, p_refund boolean default true,
	p_origin text default 'person', as_of timestamptz default now()
)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_user auth.users;
	v_erasure private.erasures;
	v_running jsonb;
begin
	-- One at a time for each account: a second click finds what the first has done.
	select * into v_user from auth.users where id = p_owner_id for update;
	select * into v_erasure from private.erasures
	where owner_id = p_owner_id and scope = p_scope
		and (p_scope = 'account' or shoot_id = p_shoot_id);
	if found then return v_erasure.id; end if;
	if v_user.id is null then
		perform private.refuse(404, 'not_found', 'There is no such account.', 'It may have been erased.');
	end if;
	if p_scope = 'account' then
		-- Who opens a plan, withdraws a consent or switches processing off holds these when it comes to the rest.
		perform from public.profiles where owner_id = p_owner_id for no key update;
		perform from public.consent_records where owner_id = p_owner_id order by id for update;
	end if;
	-- The order of locks of everybody who works on a shoot. Not for update: who notes for a row of it, which is waited for
	-- below, what was read or where it may be uploaded refers to the shoot.
	perform from public.shoots
	where owner_id = p_owner_id and id = coalesce(p_shoot_id, id) order by id for no key update;
	if p_scope <> 'account' and not found then
		perform private.refuse(404, 'not_found', 'There is no such shoot.', 'Go back to your list of shoots.');
	end if;
	-- No answer to a submit is noted between the plan and the end of the rows.
	perform from public.trainings
	where owner_id = p_owner_id and shoot_id = coalesce(p_shoot_id, shoot_id) order by id for update;
	perform from public.generations
	where owner_id = p_owner_id and shoot_id = coalesce(p_shoot_id, shoot_id) order by id for update;
	perform from public.photos
	where owner_id = p_owner_id and shoot_id = coalesce(p_shoot_id, shoot_id) order by id for update;
	-- Nothing new refers to it from here on: what is planned is all that there is.
	perform from public.shoots
	where owner_id = p_owner_id and id = coalesce(p_shoot_id, id) order by id for update;
	if p_scope = 'account' then
		-- Who settles a plan or an order refers to the profile afterwards.
		perform from public.subscriptions where owner_id = p_owner_id order by id for update;
		perform from public.orders where owner_id = p_owner_id order by id for update;
	end if;
	insert into private.erasures (scope, origin, owner_id, shoot_id, address, requested_at, due_at)
	values (p_scope, p_origin, p_owner_id, case when p_scope <> 'account' then p_shoot_id end,
		case when p_scope = 'account' and p_origin <> 'restore' then v_user.email end,
		as_of, as_of + interval '30 days')
	returning * into v_erasure;
	perform private.plan_erasure(v_erasure, p_refund, as_of);
	case p_scope
		when 'account' then perform private.close_account(v_erasure, as_of);
		when 'shoot' then perform private.close_shoot(v_erasure, p_refund, as_of);
		else perform private.close_model(v_erasure, as_of);
	end case;
	perform private.enqueue('erase', 'erasure_id', v_erasure.id::text);
	return v_erasure.id;
end $$;
comment on function service.request_erasure is
	'Destroys at once what the database holds of an account, a shoot or its model, ends every session of the account, and plans the rest. The same id at a second call. Always possible; refuses only (404) what is not there.';
grant execute on function service.request_erasure to service_role;

create function private.plan_erasure(p_erasure private.erasures, p_refund boolean, as_of timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_owner_id uuid := p_erasure.owner_id;
	v_shoot_id uuid := p_erasure.shoot_id;
	v_is_model boolean := p_erasure.scope = 'model';
begin
	insert into private.erasure_steps (erasure_id, kind, plan)
	values
		(p_erasure.id, 'files', jsonb_build_object(
			'found', (
				select coalesce(jsonb_object_agg(bucket, count), '{}') from (
					select 'photos' as bucket, count(*) from public.photos
					where owner_id = v_owner_id and shoot_id = coalesce(v_shoot_id, shoot_id) and not v_is_model
						and uploaded_at is not null
					union all
					select 'headshots', 2 * count(*) from public.headshots
					where owner_id = v_owner_id and shoot_id = coalesce(v_shoot_id, shoot_id) and not v_is_model
					union all
					select 'loras', count(*) from public.loras
					where owner_id = v_owner_id and shoot_id = coalesce(v_shoot_id, shoot_id) and deleted_at is null
				) as named where count > 0),
			-- Until then a file may come by an address that was given out before.
			'waitUntil', (
				select max(ends_at) + private.upload_grace() from private.upload_urls
				where owner_id = v_owner_id and shoot_id = coalesce(v_shoot_id, shoot_id)))),
		(p_erasure.id, 'provider', jsonb_build_object(
			-- Not known to have ended: stopped, and waited for, so that nothing is made after the deletion.
			'running', (
				select coalesce(jsonb_agg(r.request_id), '[]') from private.provider_requests r
				left join public.trainings t on t.id = r.training_id
				left join public.generations g on g.id = r.generation_id
				where r.owner_id = v_owner_id and r.shoot_id = coalesce(v_shoot_id, r.shoot_id)
					and (not v_is_model or r.training_id is not null)
					and r.forgotten_at is null and coalesce(t.status, g.status, 'running') <> 'succeeded'),
			-- Nothing is stored there by our doing, but its log holds what it was shown.
			'loggedUntil', case when not v_is_model then private.logged_until(v_owner_id, v_shoot_id) end,
			-- Sent, and the answer was lost: to be looked for.
			'unanswered', (
				select coalesce(jsonb_agg(work), '[]') from (
					select jsonb_build_object('training', service.training_work(id)) as work from public.trainings
					where owner_id = v_owner_id and shoot_id = coalesce(v_shoot_id, shoot_id)
						and submitted_at is not null and request_id is null and status in ('queued', 'running')
					union all
					select jsonb_build_object('generation', service.generation_work(id)) from public.generations
					where engine = 'studio' and owner_id = v_owner_id and shoot_id = coalesce(v_shoot_id, shoot_id) and not v_is_model
						and submitted_at is not null and request_id is null and status in ('queued', 'running')
				) as sent))),
		(p_erasure.id, 'tombstone', '{}');
	insert into private.tombstones (kind, hash, erased_at)
	select kind, private.tombstone_of(id::text), as_of from (
		select 'account' as kind, v_owner_id as id where p_erasure.scope = 'account'
		union all
		select 'shoot', v_shoot_id where p_erasure.scope = 'shoot'
		union all
		select 'model', t.id from public.trainings t where t.shoot_id = v_shoot_id and v_is_model
	) as stones
	on conflict do nothing;
	update private.erasure_steps set plan = jsonb_build_object('hashes', (
		select coalesce(jsonb_agg(private.tombstone_of(id::text)), '[]') from (
			select v_owner_id as id where p_erasure.scope = 'account'
			union all select v_shoot_id where p_erasure.scope = 'shoot'
			union all select t.id from public.trainings t where t.shoot_id = v_shoot_id and v_is_model
		) as stones))
	where erasure_id = p_erasure.id and kind = 'tombstone';
	if v_is_model then return; end if;

	insert into private.erasure_steps (erasure_id, kind, plan)
	values
		(p_erasure.id, 'checkout', (
			select coalesce(jsonb_agg(stripe_checkout_session_id), '[]') from (
				select stripe_checkout_session_id from public.orders
				where owner_id = v_owner_id and (v_shoot_id is null or shoot_id = v_shoot_id)
					and stripe_checkout_session_id is not null
					-- Of another amount than ours: nothing was given for it, and it goes back.
					and (status in ('pending', 'mismatched') or (status = 'expired' and created_at > as_of - interval '25 hours'))
				union all
				select stripe_checkout_session_id from public.subscriptions
				where owner_id = v_owner_id and v_shoot_id is null and stripe_checkout_session_id is not null
					and (status = 'pending' or (status = 'expired' and created_at > as_of - interval '25 hours'))
			) as pages)),
		(p_erasure.id, 'refund', (
			select coalesce(jsonb_agg(jsonb_build_object(
				'paymentIntentId', intent, 'amount', amount, 'currency', currency, 'refundId', refund_id)), '[]')
			from (
				select stripe_payment_intent_id as intent, charged - refunded as amount, currency, null::uuid as refund_id
				from private.unused_orders(v_owner_id, v_shoot_id) where p_refund
				union all
				-- Asked for before, and not sent yet: its row goes, the money must not.
				select o.stripe_payment_intent_id, r.amount, r.currency, r.id
				from public.refunds r join public.orders o on o.id = r.order_id
				where r.owner_id = v_owner_id and r.status = 'asked' and v_shoot_id is null
			) as owed));
	if p_erasure.scope = 'account' then
		insert into private.erasure_steps (erasure_id, kind, plan)
		values
			(p_erasure.id, 'stripe', jsonb_build_object(
				'customerIds', (
					select coalesce(jsonb_agg(stripe_customer_id order by stripe_customer_id), '[]')
					from private.stripe_customers where owner_id = v_owner_id),
				-- What was charged and granted nothing has no day of its own here: it may be of today.
				'lastPaidAt', (
					select max(case when charged is null or paid_at is not null then paid_at else as_of end)
					from public.orders where owner_id = v_owner_id))),
			(p_erasure.id, 'sign_in', '{}');
	end if;
end $$;
comment on function private.plan_erasure is 'Writes down, before the rows go, what the steps elsewhere will need.';

create function private.close_account(p_erasure private.erasures, as_of timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_owner_id uuid := p_erasure.owner_id;
	v_rows jsonb := private.rows_of(v_owner_id);
	v_payer_ref uuid := gen_random_uuid();
	v_orders uuid[];
	v_sessions integer;
	v_table regclass;
begin
	perform private.forget_machine_rows(v_owner_id);
	insert into private.payment_records (payer_ref, offer_id, amount, charged, refunded, currency, paid_at,
		stripe_payment_intent_id, stripe_invoice_id, unpaid_session_id, keep_until)
	select v_payer_ref, offer_id, amount, charged, refunded, currency, paid,
		case when paid is not null then stripe_payment_intent_id end,
		case when paid is not null then stripe_invoice_id end,
		case when paid is null then stripe_checkout_session_id end,
		coalesce(paid + interval '7 years', p_erasure.due_at)
	from (
		-- Also what was charged and granted nothing: it went back, and both are in the books.
		select *, coalesce(paid_at, case when charged is not null then opened_at end) as paid
		from public.orders where owner_id = v_owner_id
	) as orders
	where paid is not null or (status = 'pending' and stripe_checkout_session_id is not null)
	on conflict do nothing;
	select array_agg(id) into v_orders from public.orders where owner_id = v_owner_id;
	if p_erasure.origin = 'person' then
		perform private.open_own_request('erasure', v_owner_id, as_of);
	end if;
	delete from public.profiles where owner_id = v_owner_id;
	delete from public.orders where id = any (v_orders);
	for v_table in select * from private.tables_of_people() loop
		execute format('delete from %s where owner_id = $1', v_table) using v_owner_id;
	end loop;
	delete from auth.sessions where user_id = v_owner_id;
	get diagnostics v_sessions = row_count;
	delete from auth.refresh_tokens where user_id::text = v_owner_id::text;
	delete from auth.flow_state where user_id = v_owner_id;
	update auth.users set banned_until = as_of + interval '100 years' where id = v_owner_id;

	update private.erasures set deleted = v_rows where id = p_erasure.id;
	insert into private.erasure_steps (erasure_id, kind, state, evidence, done_at)
	select p_erasure.id, 'rows', 'done', jsonb_build_object(
		'deleted', v_rows, 'left', private.rows_of(v_owner_id), 'sessions', v_sessions,
		'payments', count(*), 'keptUntil', max(keep_until)), as_of
	from private.payment_records where payer_ref = v_payer_ref and paid_at is not null;
end $$;

create function private.close_shoot(p_erasure private.erasures, p_refund boolean, as_of timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_shoot_id uuid := p_erasure.shoot_id;
	v_order public.orders;
	v_rows jsonb;
begin
	perform private.cancel_work(v_shoot_id, as_of, 'erased');
	if p_refund then
		for v_order in select * from private.unused_orders(p_erasure.owner_id, v_shoot_id) loop
			perform private.take_back(v_order, 'training');
			perform private.take_back(v_order, 'headshot');
		end loop;
	end if;
	perform private.forget_machine_rows(p_erasure.owner_id, v_shoot_id);
	select jsonb_object_agg(name, count) into v_rows from (
		select 'photos' as name, count(*) from public.photos where shoot_id = v_shoot_id
		union all select 'headshots', count(*) from public.headshots where shoot_id = v_shoot_id
		union all select 'loras', count(*) from public.loras where shoot_id = v_shoot_id
		union all select 'trainings', count(*) from public.trainings where shoot_id = v_shoot_id
		union all select 'generations', count(*) from public.generations where shoot_id = v_shoot_id
		union all select 'shoots', 1
	) as counted where count > 0;
	delete from public.shoots where id = v_shoot_id;
	update private.erasures set deleted = v_rows where id = p_erasure.id;
	insert into private.erasure_steps (erasure_id, kind, state, evidence, done_at)
	values (p_erasure.id, 'rows', 'done', jsonb_build_object('deleted', v_rows, 'left', '{}'::jsonb), as_of);
end $$;

create function private.close_model(p_erasure private.erasures, as_of timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_shoot_id uuid := p_erasure.shoot_id;
	v_loras integer;
begin
	perform private.cancel_work(v_shoot_id, as_of, 'erased');
	update public.shoots
	set status = case when exists (select from public.headshots where shoot_id = v_shoot_id and deleted_at is null)
			then 'ready' else 'failed' end::public.shoot_status,
		failure = 'model_deleted'
	where id = v_shoot_id and status in ('training', 'generating');
	-- The row of the lora stays: portraits were made with it.
	update public.loras set deleted_at = as_of where shoot_id = v_shoot_id and deleted_at is null;
	get diagnostics v_loras = row_count;
	update private.erasures set deleted = jsonb_build_object('loras', v_loras) where id = p_erasure.id;
	insert into private.erasure_steps (erasure_id, kind, state, evidence, done_at)
	values (p_erasure.id, 'rows', 'done',
		jsonb_build_object('deleted', jsonb_build_object('loras', v_loras), 'left', '{}'::jsonb), as_of);
end $$;
