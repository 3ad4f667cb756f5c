-- What the plays share: people, and the way to the point where a play begins. Everything is done by the
-- product's own functions, so that no play starts from a state that cannot be.

do $$
begin
	if exists (select from pg_available_extensions where name = 'pgtap') then
		create extension if not exists pgtap with schema extensions;
	end if;
end $$;
grant execute on all functions in schema extensions to public;

drop schema if exists tests cascade;
create schema tests;
grant usage on schema tests, extensions to public;

-- tests.person('anna'): an account; the same name gives the same id.
create function tests.person(p_name text) returns uuid language plpgsql as $$
declare
	v_id uuid := md5(p_name)::uuid;
begin
	insert into auth.users (id, email, raw_user_meta_data)
	values (v_id, p_name || '@example.com', jsonb_build_object('full_name', initcap(p_name)))
	on conflict (id) do nothing;
	return v_id;
end $$;

-- tests.act_as('anna'): from here on as PostgREST would for her token.
create function tests.act_as(p_name text) returns void language plpgsql as $$
begin
	perform set_config('request.jwt.claim.sub', md5(p_name)::uuid::text, true);
	perform set_config('request.jwt.claim.role', 'authenticated', true);
	perform set_config('request.jwt.claims',
		json_build_object('sub', md5(p_name)::uuid, 'role', 'authenticated')::text, true);
	perform set_config('role', 'authenticated', true);
end $$;

-- tests.act_as_role('anon'), tests.act_as_role('service_role').
create function tests.act_as_role(p_role text) returns void language plpgsql as $$
begin
	perform set_config('request.jwt.claim.sub', '', true);
	perform set_config('request.jwt.claim.role', p_role, true);
	perform set_config('request.jwt.claims', json_build_object('role', p_role)::text, true);
	perform set_config('role', p_role, true);
end $$;

create function tests.consent(p_name text) returns void language sql as $$
	insert into public.consent_records (owner_id, purpose, version)
	select tests.person(p_name), purpose, private.wording_in_force(purpose)
	from unnest(enum_range(null::public.consent_purpose)) as purpose
$$;

-- A draft with one style, ready for the checkout.
create function tests.draft(p_name text, p_offer text default 'essential', p_engine public.engine default 'studio')
returns uuid language plpgsql as $$
declare
	v_shoot_id uuid;
begin
	insert into public.shoots (owner_id, offer_id, engine, name)
	values (tests.person(p_name), p_offer, p_engine, 'Autumn') returning id into v_shoot_id;
	insert into public.shoot_styles (shoot_id, style_id, owner_id)
	values (v_shoot_id, 'slate', tests.person(p_name));
	return v_shoot_id;
end $$;

-- Settles a session as Stripe would state it when it is paid in full.
create function tests.settle(p_shoot_id uuid, p_session text) returns text language sql as $$
	select service.settle_order(
		p_session_id => p_session, p_session_status => 'complete', p_payment_status => 'paid',
		p_amount_subtotal => o.amount, p_amount_total => o.amount, p_currency => 'usd', p_order_id => o.id,
		p_customer_id => 'cus_' || o.owner_id, p_payment_intent_id => 'pi_' || p_session, p_invoice_id => 'in_' || p_session)
	from public.orders o where o.shoot_id = p_shoot_id order by created_at desc limit 1
$$;

create function tests.paid(p_name text, p_offer text default 'essential', p_engine public.engine default 'studio')
returns uuid language plpgsql as $$
declare
	v_shoot_id uuid := tests.draft(p_name, p_offer, p_engine);
begin
	perform service.record_checkout_session(order_id, 'cs_' || v_shoot_id)
	from service.open_order(tests.person(p_name), v_shoot_id);
	perform tests.settle(v_shoot_id, 'cs_' || v_shoot_id);
	return v_shoot_id;
end $$;

-- Photos with their files, as after a finished upload.
create function tests.upload(p_shoot_id uuid, p_count integer) returns void language plpgsql as $$
begin
	insert into public.photos (owner_id, shoot_id, sha256, content_type, bytes, width, height, file_name)
	select s.owner_id, s.id, encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 'image/jpeg', 1000 + n, 800, 1000,
		'me ' || n || '.jpg'
	from public.shoots s, generate_series(1, p_count) as n where s.id = p_shoot_id;
	insert into storage.objects (bucket_id, name, metadata)
	select 'photos', storage_key, jsonb_build_object('size', bytes, 'mimetype', content_type)
	from public.photos where shoot_id = p_shoot_id and uploaded_at is null;
	update public.photos set uploaded_at = now() where shoot_id = p_shoot_id and uploaded_at is null;
end $$;

-- A training that was planned, submitted and accepted.
create function tests.in_training(p_name text, p_offer text default 'essential') returns uuid language plpgsql as $$
declare
	v_shoot_id uuid := tests.paid(p_name, p_offer);
	v_training_id uuid;
begin
	perform tests.upload(v_shoot_id, 12);
	v_training_id := service.seal_photos(tests.person(p_name), v_shoot_id);
	perform service.begin_training_submit(v_training_id);
	perform service.record_training_request(v_training_id, 'fal-ai/trainer', 'req_' || v_training_id, 'https://q/s', 'https://q/r', 'https://q/c');
	return v_shoot_id;
end $$;

-- The pack is planned, nothing is submitted yet.
create function tests.generating(p_name text, p_offer text default 'essential') returns uuid language plpgsql as $$
declare
	v_shoot_id uuid := tests.in_training(p_name, p_offer);
begin
	perform service.record_lora(id, 180000000, repeat('a', 64)) from public.trainings where shoot_id = v_shoot_id;
	return v_shoot_id;
end $$;

-- An instant shoot that was sealed: its portraits are planned.
create function tests.instant(p_name text, p_photos integer default 3) returns uuid language plpgsql as $$
declare
	v_shoot_id uuid;
begin
	v_shoot_id := tests.paid(p_name, 'essential', 'instant');
	perform tests.upload(v_shoot_id, p_photos);
	perform service.seal_photos(tests.person(p_name), v_shoot_id);
	return v_shoot_id;
end $$;

create function tests.submit(p_generation_id uuid) returns void language plpgsql as $$
begin
	perform service.begin_generation_submit(p_generation_id);
	perform service.record_generation_request(p_generation_id, attempt, 'fal-ai/generator',
		'req_' || p_generation_id || '_' || attempt, 'https://q/s', 'https://q/r', 'https://q/c')
	from public.generations where id = p_generation_id;
end $$;

create function tests.deliver(p_generation_id uuid) returns boolean language sql as $$
	select service.deliver_headshot(p_generation_id, 896, 1120, 200000, repeat('b', 64), 20000, repeat('c', 64),
		p_attempt => coalesce((select attempt from public.generations where id = p_generation_id), 1))
$$;

-- Everything open of a shoot is delivered.
create function tests.deliver_all(p_shoot_id uuid) returns void language plpgsql as $$
declare
	v_id uuid;
begin
	for v_id in select id from public.generations where shoot_id = p_shoot_id and status in ('queued', 'running') loop
		perform tests.submit(v_id);
		perform tests.deliver(v_id);
	end loop;
end $$;

-- In the middle of everything: one shoot ready, one in training with files and jobs, one unused, one at the till.
create function tests.busy(p_name text, out ready uuid, out training uuid, out unused uuid, out till uuid)
language plpgsql as $$
declare
	v_owner_id uuid := md5(p_name)::uuid;
begin
	perform tests.consent(p_name);
	ready := tests.generating(p_name);
	training := tests.in_training(p_name);
	unused := tests.paid(p_name);
	till := tests.draft(p_name);
	perform tests.deliver_all(ready);
	perform service.record_checkout_session(order_id, 'cs_till') from service.open_order(v_owner_id, till);
	insert into storage.objects (bucket_id, name, metadata)
	select 'headshots', unnest(array[storage_key, thumbnail_key]), '{}' from public.headshots where owner_id = v_owner_id;
	insert into auth.sessions (id, user_id) values (gen_random_uuid(), v_owner_id);
	insert into auth.audit_log_entries (id, payload)
	values (gen_random_uuid(), jsonb_build_object('actor_id', v_owner_id));
	perform service.record_forgotten(request_id,
		'{"status": 200, "cdn_delete_results": [{"link": "https://fal/x", "exception": null}]}')
	from private.provider_requests where owner_id = v_owner_id and generation_id is not null;
end $$;

create function tests.balance(p_name text, p_unit public.credit_unit) returns text language sql as $$
	select available || '+' || held from public.credit_balances where owner_id = md5(p_name)::uuid and unit = p_unit
$$;

-- A doorbell by itself; true when it is new.
create function tests.ring(
	p_source text, p_id text, p_kind text, p_key text, p_payload jsonb default '{}', as_of timestamptz default now(),
	p_is_listed boolean default false
)
returns boolean language sql as $$
	select (service.record_webhook_events(jsonb_build_array(jsonb_build_object(
		'source', p_source, 'external_id', p_id, 'type', 'x', 'payload', p_payload, 'job_kind', p_kind,
		'job_key', p_key, 'job_payload', p_payload, 'is_listed', p_is_listed)), as_of) ->> 0)::boolean
$$;

create function tests.open_jobs() returns setof text language sql as $$
	select kind from private.jobs where dead_at is null order by kind
$$;

grant execute on all functions in schema tests to public;

-- pg_prove takes this file for a play.
select '1..1' as tap union all select 'ok 1 - the helpers are there';
