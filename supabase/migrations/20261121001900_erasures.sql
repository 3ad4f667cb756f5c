-- Erasure: what a person had with us is destroyed everywhere, and a receipt says so.
--   The database forgets at once, in the transaction of the request: whatever comes later finds nothing to write to.
--   What lies elsewhere (files, providers, Stripe, the sign-in) follows by a job, step by step, each with its evidence.
--   A tombstone stays, with no name on it: nothing that arrives late, and no restore, brings anything back.

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

create table private.erasure_steps (
	erasure_id uuid not null references private.erasures (id) on delete cascade,
	kind text not null constraint erasure_steps_kind_is_known check (kind in
		('rows', 'checkout', 'refund', 'stripe', 'provider', 'files', 'tombstone', 'sign_in')),
	state text not null default 'open' constraint erasure_steps_state_is_known check (state in ('open', 'done')),
	plan jsonb,
	attempts integer not null default 0,
	last_error text,
	evidence jsonb,
	done_at timestamptz,
	primary key (erasure_id, kind),
	constraint erasure_steps_are_done_with_evidence
		check ((state = 'done') = (evidence is not null and done_at is not null)),
	constraint erasure_steps_forget_their_plan check (state = 'open' or plan is null)
);
comment on table private.erasure_steps is 'What has to be destroyed where. A step is done when there is evidence, and never before.';
comment on column private.erasure_steps.plan is 'What the step needs to know of rows that are gone already: ids at Stripe, requests under way. Forgotten when it is done.';
comment on column private.erasure_steps.evidence is 'What the other side answered, in counts and statuses: no id, no path, no name.';

create table private.tombstones (
	kind text not null constraint tombstones_kind_is_known check (kind in ('account', 'shoot', 'model')),
	hash public.sha256 not null,
	erased_at timestamptz not null,
	primary key (kind, hash)
);
comment on table private.tombstones is
	'SHA-256 of the random id of what was erased (of a model: its training). A copy lies in the bucket tombstones, where no restore of the database reaches it.';

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

create table private.erasure_receipts (
	erasure_id uuid not null references private.erasures (id) on delete cascade,
	stage text not null constraint erasure_receipts_stage_is_known check (stage in ('active_erased', 'final')),
	jws text not null,
	issued_at timestamptz not null,
	primary key (erasure_id, stage)
);
comment on table private.erasure_receipts is 'Signed once and never changed: whoever reads one twice reads the same bytes.';

create function private.guard_receipt()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
	v_erasure private.erasures;
begin
	if tg_op = 'UPDATE' then
		raise exception using errcode = '42501', message = 'A receipt is never changed.';
	end if;
	select * into v_erasure from private.erasures where id = coalesce(new.erasure_id, old.erasure_id);
	if tg_op = 'DELETE' then
		if v_erasure.id is null then return old; end if;
		raise exception using errcode = '42501', message = 'A receipt goes only with its erasure.';
	end if;
	if exists (select from private.erasure_steps where erasure_id = new.erasure_id and state <> 'done')
		or not exists (select from private.erasure_steps where erasure_id = new.erasure_id) then
		raise exception using errcode = '23514', message = 'No receipt while a step lacks evidence.';
	end if;
	if new.stage = 'final' and coalesce(v_erasure.backups_gone_at > new.issued_at, true) then
		raise exception using errcode = '23514', message = 'No final receipt while a backup may hold something.';
	end if;
	return new;
end $$;
create trigger erasure_receipts_are_guarded
	before insert or update or delete on private.erasure_receipts
	for each row execute function private.guard_receipt();

create function private.keep_tombstone()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
	raise exception using errcode = '42501', message = 'A tombstone stays.';
end $$;
create trigger tombstones_stay
	before update or delete or truncate on private.tombstones
	for each statement execute function private.keep_tombstone();

create function private.tombstone_of(p_id text)
returns text
language sql
immutable
set search_path = ''
as $$
	select encode(sha256(convert_to(lower(p_id), 'UTF8')), 'hex')
$$;

-- Runs as its owner: Storage writes rows for people and for the server alike, and also for an upload
-- that was signed before the erasure. Keys are <account>/<shoot>/<name>; a model's name is its training's.
create function private.refuse_late_object()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	if exists (
		select from private.tombstones
		where (kind, hash) in (
			('account', private.tombstone_of(split_part(new.name, '/', 1))),
			('shoot', private.tombstone_of(split_part(new.name, '/', 2))),
			('model', private.tombstone_of(split_part(split_part(new.name, '/', 3), '.', 1))))
	) then
		raise exception using errcode = '42501', message = 'What this file belongs to has been erased.';
	end if;
	return new;
end $$;
create trigger objects_stay_erased
	before insert or update of name, bucket_id on storage.objects
	for each row when (new.bucket_id <> 'tombstones')
	execute function private.refuse_late_object();

insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values ('tombstones', 'tombstones', false, 1000, array['application/json'])
on conflict (id) do update set
	public = excluded.public,
	file_size_limit = excluded.file_size_limit,
	allowed_mime_types = excluded.allowed_mime_types;

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
			and o.charged > o.refunded and o.shoot_id = coalesce(p_shoot_id, o.shoot_id)
			and not exists (select from public.credit_holds h where h.shoot_id = o.shoot_id and h.captured > 0)
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
language sql
stable
security definer
set search_path = ''
as $$
	select jsonb_build_object(
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
			where e.unit = 'headshot' and e.kind = 'grant'))
$$;
comment on function service.erasure_preview is 'What an erasure would give back, and which credits it would take: said before it is done.';
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
		select unnest(array['submit_generation:' || id, 'collect_generation:' || id]) from public.generations
		where owner_id = p_owner_id and shoot_id = coalesce(p_shoot_id, shoot_id)
		union all
		select 'forget_request:' || request_id from private.provider_requests
		where owner_id = p_owner_id and shoot_id = coalesce(p_shoot_id, shoot_id)
		union all
		select 'send_mail:' || id from private.mails where owner_id = p_owner_id and p_shoot_id is null
		union all
		select unnest(array['settle_checkout:' || stripe_checkout_session_id, 'settle_refund:' || stripe_payment_intent_id])
		from public.orders where owner_id = p_owner_id and p_shoot_id is null
	) as theirs;
	delete from private.jobs where key = any (v_keys);
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
	-- The order of locks of everybody who works on a shoot.
	perform from public.shoots
	where owner_id = p_owner_id and id = coalesce(p_shoot_id, id) order by id for update;
	if p_scope <> 'account' and not found then
		perform private.refuse(404, 'not_found', 'There is no such shoot.', 'Go back to your list of shoots.');
	end if;
	-- No answer to a submit is noted between the plan and the end of the rows.
	perform from public.trainings
	where owner_id = p_owner_id and shoot_id = coalesce(p_shoot_id, shoot_id) order by id for update;
	perform from public.generations
	where owner_id = p_owner_id and shoot_id = coalesce(p_shoot_id, shoot_id) order by id for update;
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
	v_prefix text := p_erasure.owner_id || coalesce('/' || p_erasure.shoot_id, '') || '/%';
	v_owner_id uuid := p_erasure.owner_id;
	v_shoot_id uuid := p_erasure.shoot_id;
	v_is_model boolean := p_erasure.scope = 'model';
begin
	insert into private.erasure_steps (erasure_id, kind, plan)
	values
		(p_erasure.id, 'files', (
			select coalesce(jsonb_object_agg(bucket_id, count), '{}') from (
				select bucket_id, count(*) from storage.objects
				where name like v_prefix and (not v_is_model or bucket_id in ('loras', 'datasets'))
				group by bucket_id
			) as counted)),
		(p_erasure.id, 'provider', jsonb_build_object(
			-- Not known to have ended: stopped, and waited for, so that nothing is made after the deletion.
			'running', (
				select coalesce(jsonb_agg(r.request_id), '[]') from private.provider_requests r
				left join public.trainings t on t.id = r.training_id
				left join public.generations g on g.id = r.generation_id
				where r.owner_id = v_owner_id and r.shoot_id = coalesce(v_shoot_id, r.shoot_id)
					and (not v_is_model or r.training_id is not null)
					and r.forgotten_at is null and coalesce(t.status, g.status, 'running') <> 'succeeded'),
			-- Sent, and the answer was lost: to be looked for.
			'unanswered', (
				select coalesce(jsonb_agg(work), '[]') from (
					select jsonb_build_object('training', service.training_work(id)) as work from public.trainings
					where owner_id = v_owner_id and shoot_id = coalesce(v_shoot_id, shoot_id)
						and submitted_at is not null and request_id is null and status in ('queued', 'running')
					union all
					select jsonb_build_object('generation', service.generation_work(id)) from public.generations
					where owner_id = v_owner_id and shoot_id = coalesce(v_shoot_id, shoot_id) and not v_is_model
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
			select coalesce(jsonb_agg(stripe_checkout_session_id), '[]') from public.orders
			where owner_id = v_owner_id and (v_shoot_id is null or shoot_id = v_shoot_id)
				and stripe_checkout_session_id is not null
				and (status = 'pending' or (status = 'expired' and created_at > as_of - interval '25 hours')))),
		(p_erasure.id, 'refund', (
			select coalesce(jsonb_agg(jsonb_build_object(
				'paymentIntentId', stripe_payment_intent_id, 'amount', charged - refunded, 'currency', currency)), '[]')
			from private.unused_orders(v_owner_id, v_shoot_id) where p_refund));
	if p_erasure.scope = 'account' then
		insert into private.erasure_steps (erasure_id, kind, plan)
		values
			(p_erasure.id, 'stripe', jsonb_build_object(
				'customerId', (select stripe_customer_id from private.stripe_customers where owner_id = v_owner_id),
				'lastPaidAt', (select max(paid_at) from public.orders where owner_id = v_owner_id))),
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
	select v_payer_ref, offer_id, amount, charged, refunded, currency, paid_at,
		case when paid_at is not null then stripe_payment_intent_id end,
		case when paid_at is not null then stripe_invoice_id end,
		case when paid_at is null then stripe_checkout_session_id end,
		coalesce(paid_at + interval '7 years', p_erasure.due_at)
	from public.orders
	where owner_id = v_owner_id and (paid_at is not null
		or (status = 'pending' and stripe_checkout_session_id is not null))
	on conflict do nothing;
	select array_agg(id) into v_orders from public.orders where owner_id = v_owner_id;
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

create function service.erasure_work(p_erasure_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
	v_erasure private.erasures;
begin
	select * into v_erasure from private.erasures where id = p_erasure_id;
	if not found then
		perform private.refuse(404, 'not_found', 'There is no such erasure.', 'Check the address.');
	end if;
	return jsonb_build_object(
		'id', v_erasure.id, 'scope', v_erasure.scope, 'ownerId', v_erasure.owner_id, 'shootId', v_erasure.shoot_id,
		'address', v_erasure.address, 'requestedAt', v_erasure.requested_at, 'dueAt', v_erasure.due_at,
		'activeErasedAt', v_erasure.active_erased_at, 'backupsGoneAt', v_erasure.backups_gone_at,
		'steps', (
			select jsonb_agg(jsonb_build_object(
				'kind', kind, 'plan', plan, 'evidence', evidence, 'doneAt', done_at) order by kind)
			from private.erasure_steps where erasure_id = p_erasure_id),
		'requests', (
			select coalesce(jsonb_agg(service_request order by submitted_at), '[]') from (
				select submitted_at, jsonb_build_object(
					'endpoint', endpoint, 'requestId', request_id, 'statusUrl', status_url,
					'responseUrl', response_url, 'cancelUrl', cancel_url) as service_request
				from private.requests_of(v_erasure) where forgotten_at is null
			) as open),
		'receipts', private.receipts_of(p_erasure_id));
end $$;
comment on function service.erasure_work is 'Everything the next run of an erasure needs. Refuses (404) an unknown id.';
grant execute on function service.erasure_work to service_role;

create function private.requests_of(p_erasure private.erasures)
returns setof private.provider_requests
language sql
stable
set search_path = ''
as $$
	select * from private.provider_requests
	where owner_id = p_erasure.owner_id and shoot_id = coalesce(p_erasure.shoot_id, shoot_id)
		and (p_erasure.scope <> 'model' or training_id is not null)
$$;

create function private.receipts_of(p_erasure_id uuid)
returns jsonb
language sql
stable
set search_path = ''
as $$
	select coalesce(jsonb_agg(jsonb_build_object('stage', stage, 'jws', jws, 'issuedAt', issued_at) order by issued_at), '[]')
	from private.erasure_receipts where erasure_id = p_erasure_id
$$;

create function service.read_erasure(p_erasure_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
	v_erasure private.erasures;
begin
	select * into v_erasure from private.erasures where id = p_erasure_id;
	if not found then
		perform private.refuse(404, 'not_found', 'There is no such erasure.',
			'Check the address; receipts are kept for three years.');
	end if;
	return jsonb_build_object(
		'scope', v_erasure.scope, 'requestedAt', v_erasure.requested_at, 'dueAt', v_erasure.due_at,
		'activeErasedAt', v_erasure.active_erased_at, 'backupsGoneAt', v_erasure.backups_gone_at,
		'finishedAt', v_erasure.finished_at, 'isMailed', v_erasure.address is null,
		'steps', (
			select jsonb_agg(jsonb_build_object('kind', kind, 'doneAt', done_at, 'attempts', attempts) order by kind)
			from private.erasure_steps where erasure_id = p_erasure_id),
		'receipts', private.receipts_of(p_erasure_id));
end $$;
comment on function service.read_erasure is 'For whoever has the id: how far it is, and the receipts. Nothing about the person.';
grant execute on function service.read_erasure to service_role;

create function service.complete_erasure_step(
	p_erasure_id uuid, p_kind text, p_evidence jsonb, as_of timestamptz default now()
)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_erasure private.erasures;
	v_evidence jsonb := p_evidence;
begin
	select * into v_erasure from private.erasures where id = p_erasure_id for update;
	if not exists (
		select from private.erasure_steps where erasure_id = p_erasure_id and kind = p_kind and state = 'open'
	) then
		return false;
	end if;
	if p_kind = 'provider' then
		if exists (select from private.requests_of(v_erasure) where forgotten_at is null) then
			raise exception 'a request has not been forgotten yet';
		end if;
		select p_evidence || jsonb_build_object(
			'requests', coalesce(sum(count), 0),
			'answers', coalesce(jsonb_object_agg(status, count), '{}'),
			'files', coalesce(sum(files), 0))
		into v_evidence
		from (
			select coalesce(evidence ->> 'status', 'none') as status, count(*),
				sum(jsonb_array_length(coalesce(evidence -> 'cdn_delete_results', '[]'))) as files
			from private.requests_of(v_erasure) group by 1
		) as answered;
		delete from private.provider_requests
		where (provider, request_id) in (select provider, request_id from private.requests_of(v_erasure));
	end if;
	if p_kind = 'stripe' and p_evidence ? 'redactableAt' then
		perform service.enqueue_job('redact_customer:' || (s.plan ->> 'customerId'), 'redact_customer',
			jsonb_build_object('customer_id', s.plan ->> 'customerId'), (p_evidence ->> 'redactableAt')::timestamptz)
		from private.erasure_steps s where s.erasure_id = p_erasure_id and s.kind = 'stripe';
	end if;
	if p_kind = 'sign_in' then
		-- What Auth wrote down of the deletion itself, too.
		delete from auth.audit_log_entries where payload::text like '%' || v_erasure.owner_id || '%';
	end if;
	update private.erasure_steps
	set state = 'done', evidence = v_evidence, done_at = as_of, plan = null, last_error = null
	where erasure_id = p_erasure_id and kind = p_kind;
	return true;
end $$;
comment on function service.complete_erasure_step is
	'Notes the evidence of a step, once. False when there is some already; of a provider the answers of its requests are counted here.';
grant execute on function service.complete_erasure_step to service_role;

create function service.note_erasure_trouble(p_erasure_id uuid, p_kind text, p_error text)
returns void
language sql
security definer
set search_path = ''
as $$
	update private.erasure_steps set attempts = attempts + 1, last_error = left(p_error, 500)
	where erasure_id = p_erasure_id and kind = p_kind and state = 'open'
$$;
grant execute on function service.note_erasure_trouble to service_role;

create function service.record_found_request(
	p_erasure_id uuid, p_endpoint text, p_request_id text,
	p_status_url text, p_response_url text, p_cancel_url text, p_training_id uuid, p_generation_id uuid
)
returns void
language sql
security definer
set search_path = ''
as $$
	insert into private.provider_requests
		(request_id, endpoint, status_url, response_url, cancel_url, owner_id, shoot_id, training_id, generation_id)
	select p_request_id, p_endpoint, p_status_url, p_response_url, p_cancel_url, e.owner_id,
		coalesce(e.shoot_id, e.owner_id), p_training_id, p_generation_id
	from private.erasures e where e.id = p_erasure_id and e.owner_id is not null
	on conflict do nothing
$$;
comment on function service.record_found_request is 'A request whose answer was lost and that the provider knows after all: it is to be forgotten with the others.';
grant execute on function service.record_found_request to service_role;

create function private.drop_unanswered(p_kind text, p_id uuid)
returns uuid
language sql
set search_path = ''
as $$
	update private.erasure_steps
	set plan = jsonb_set(plan, '{unanswered}', (
		select coalesce(jsonb_agg(u), '[]') from jsonb_array_elements(plan -> 'unanswered') as u
		where u -> p_kind ->> 'id' is distinct from p_id::text))
	where kind = 'provider' and state = 'open'
		and plan @> jsonb_build_object('unanswered', jsonb_build_array(
			jsonb_build_object(p_kind, jsonb_build_object('id', p_id))))
	returning erasure_id
$$;
comment on function private.drop_unanswered is
	'The answer to a submit came while its row was being erased: its erasure need not look for it. Answers which; null when none does.';

create function private.leave_to_erasure(
	p_kind text, p_id uuid, p_endpoint text, p_request_id text,
	p_status_url text, p_response_url text, p_cancel_url text, as_of timestamptz
)
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_erasure_id uuid := private.drop_unanswered(p_kind, p_id);
begin
	if v_erasure_id is null then
		perform service.enqueue_job('forget_request:' || p_request_id, 'forget_request',
			jsonb_build_object('request_id', p_request_id, 'running_at', p_endpoint), as_of);
		return;
	end if;
	update private.erasure_steps set plan = jsonb_set(plan, '{running}', plan -> 'running' || to_jsonb(p_request_id))
	where erasure_id = v_erasure_id and kind = 'provider';
	perform service.record_found_request(v_erasure_id, p_endpoint, p_request_id,
		p_status_url, p_response_url, p_cancel_url,
		case when p_kind = 'training' then p_id end, case when p_kind = 'generation' then p_id end);
end $$;
comment on function private.leave_to_erasure is
	'A request that was accepted while its row was being erased: its erasure forgets it with the others, or a job of its own does.';

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
	update private.payment_records set refunded = greatest(refunded, new.refunded)
	where stripe_payment_intent_id = new.stripe_payment_intent_id;
	return null;
end $$;
create trigger payment_refunds_are_followed
	after insert or update on private.payment_refunds
	for each row execute function private.follow_refund();

create function service.issue_receipt(
	p_erasure_id uuid, p_stage text, p_jws text, p_backups_gone_at timestamptz, as_of timestamptz default now()
)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_jws text;
begin
	perform from private.erasures where id = p_erasure_id for update;
	select jws into v_jws from private.erasure_receipts where erasure_id = p_erasure_id and stage = p_stage;
	if found then return v_jws; end if;
	insert into private.erasure_receipts (erasure_id, stage, jws, issued_at)
	values (p_erasure_id, p_stage, p_jws, as_of);
	if p_stage = 'active_erased' then
		update private.erasures
		set active_erased_at = as_of, backups_gone_at = p_backups_gone_at, owner_id = null, shoot_id = null
		where id = p_erasure_id;
		perform service.enqueue_job('erase:' || p_erasure_id, 'erase',
			jsonb_build_object('erasure_id', p_erasure_id), p_backups_gone_at);
	else
		update private.erasures set finished_at = as_of where id = p_erasure_id;
	end if;
	return p_jws;
end $$;
comment on function service.issue_receipt is
	'Keeps the receipt of a stage and answers it; a second one is not kept, the first is answered. Refused by the table while a step lacks evidence.';
grant execute on function service.issue_receipt to service_role;

create function service.record_receipt_mailed(p_erasure_id uuid)
returns void
language sql
security definer
set search_path = ''
as $$
	update private.erasures set address = null where id = p_erasure_id and active_erased_at is not null
$$;
comment on function service.record_receipt_mailed is 'The mail is accepted: the address, the last thing we had, is forgotten.';
grant execute on function service.record_receipt_mailed to service_role;

create function service.sweep_erasures(as_of timestamptz default now())
returns table (erasure_id uuid, days_left integer, open_steps text[])
language plpgsql
security definer
set search_path = ''
as $$
begin
	-- Lost or given up: it is never given up.
	perform service.enqueue_job('erase:' || e.id, 'erase', jsonb_build_object('erasure_id', e.id), as_of)
	from private.erasures e
	where e.finished_at is null and (e.active_erased_at is null or e.address is not null or e.backups_gone_at <= as_of)
		and not exists (
			select from private.jobs j
			where j.key = 'erase:' || e.id and j.finished_at is null and j.dead_at is null);
	delete from private.payment_records where keep_until <= as_of;
	delete from private.erasures where finished_at <= as_of - interval '3 years';
	return query
		with late as (
			update private.erasures e set alarmed_at = as_of
			where e.active_erased_at is null
				and as_of >= e.requested_at + (e.due_at - e.requested_at) / 2
				and (e.alarmed_at is null or e.alarmed_at <= as_of - interval '1 day')
			returning e.id, e.due_at
		)
		select l.id, floor(extract(epoch from l.due_at - as_of) / 86400)::integer, (
			select array_agg(s.kind order by s.kind) from private.erasure_steps s
			where s.erasure_id = l.id and s.state = 'open')
		from late l;
end $$;
comment on function service.sweep_erasures is
	'Takes up again what was lost, prunes what has been kept long enough, and answers the erasures that are late: once a day from half of their time on.';
grant execute on function service.sweep_erasures to service_role;

create function service.replay_tombstones(p_tombstones jsonb, as_of timestamptz default now())
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_back integer := 0;
	v_row record;
begin
	insert into private.tombstones (kind, hash, erased_at)
	select t.kind, t.hash, as_of from jsonb_to_recordset(p_tombstones) as t (kind text, hash text)
	on conflict do nothing;
	for v_row in
		select u.id as owner_id, 'account' as scope, null::uuid as shoot_id from auth.users u
		join private.tombstones t on t.kind = 'account' and t.hash = private.tombstone_of(u.id::text)
		union all
		select s.owner_id, 'shoot', s.id from public.shoots s
		join private.tombstones t on t.kind = 'shoot' and t.hash = private.tombstone_of(s.id::text)
		union all
		select l.owner_id, 'model', l.shoot_id from public.loras l
		join private.tombstones t on t.kind = 'model' and t.hash = private.tombstone_of(l.training_id::text)
		where l.deleted_at is null
	loop
		continue when not exists (select from auth.users where id = v_row.owner_id)
			or (v_row.scope <> 'account' and not exists (select from public.shoots where id = v_row.shoot_id));
		perform service.request_erasure(v_row.owner_id, v_row.scope, v_row.shoot_id, false, 'restore', as_of);
		v_back := v_back + 1;
	end loop;
	return v_back;
end $$;
comment on function service.replay_tombstones is
	'After a restore, before anybody is let in: erases again what an older database has brought back. Answers how much that was.';
grant execute on function service.replay_tombstones to service_role;
