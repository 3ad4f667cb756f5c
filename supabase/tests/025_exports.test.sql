begin;
set local search_path = extensions, tests, public;
select no_plan();

select consent('anna'), consent('bert');
select set_config('tests.shoot', generating('anna')::text, true);
select set_config('tests.other', generating('bert')::text, true);
select set_config('tests.one', (select id from public.generations where shoot_id = current_setting('tests.shoot')::uuid order by id limit 1)::text, true);
select submit(current_setting('tests.one')::uuid), deliver(current_setting('tests.one')::uuid);
insert into private.subject_requests (kind, channel, email, token, received_at, due_at)
select 'access', 'mail', upper(email), gen_random_uuid(), now(), now() + interval '30 days' from public.profiles where owner_id = md5('anna')::uuid;

-- Everything, and of nobody else.
select act_as_role('service_role');
select set_config('tests.held', service.read_data(md5('anna')::uuid)::text, true);
reset role;
create function pg_temp.held(p_path text) returns jsonb language sql as $$ select current_setting('tests.held')::jsonb #> p_path::text[] $$;
select is(jsonb_array_length(pg_temp.held('{rows,public.headshots}')), 1, 'her portrait is in it');
select is(jsonb_array_length(pg_temp.held('{rows,public.generations}')), 20, 'and all that was asked for');
select ok(pg_temp.held('{rows,private.jobs}') @> jsonb_build_array(jsonb_build_object('key', 'submit_generation:' || current_setting('tests.one'))), 'work that mentions what is hers');
select ok(pg_temp.held('{rows}') ?& array['auth.users', 'public.profiles', 'public.consent_records', 'public.orders', 'public.credit_entries', 'private.mails', 'public.loras'], 'and all the rest');
select results_eq($$select o ->> 'key', o ->> 'sha256' from jsonb_array_elements(pg_temp.held('{files}')) o where o ->> 'bucket' = 'headshots' order by o ->> 'key'$$,
	$$select * from (select storage_key, sha256::text from public.headshots union all select thumbnail_key, thumbnail_sha256::text from public.headshots) f order by 1$$, 'with the hash of each file that a row names');
select is(pg_temp.held('{rows,private.subject_requests,0}') ->> 'channel', 'mail', 'what was asked by mail, from her address');
select ok(not pg_temp.held('{rows,private.subject_requests,0}') ? 'token', 'without the token of its link');
select ok(current_setting('tests.held') !~ md5('bert')::uuid::text and current_setting('tests.held') !~ current_setting('tests.other'), 'of another person there is nothing');
select ok(current_setting('tests.held') !~ 'encrypted_password|lease_token|confirmation_token', 'nothing in it opens a door');
select is(pg_temp.held('{columns,public.headshots,0}') ->> 'name', 'id', 'columns are told');

-- A copy: once, soon, to oneself.
select act_as_role('service_role');
select set_config('tests.export', service.start_export(md5('anna')::uuid, '2026-11-21 10:00Z')::text, true);
select throws_ok(format($$select service.take_export(md5('bert')::uuid, %L, '2026-11-21 10:01Z')$$, current_setting('tests.export')), 'PT404', 'There is no such copy.', 'another cannot take it');
select throws_ok(format($$select service.take_export(md5('anna')::uuid, %L, '2026-11-21 10:10Z')$$, current_setting('tests.export')), 'PT410', 'This link has been used, or is older than ten minutes.', 'nor can it be taken late');
select lives_ok(format($$select service.take_export(md5('anna')::uuid, %L, '2026-11-21 10:09Z')$$, current_setting('tests.export')), 'it is taken');
select throws_ok(format($$select service.take_export(md5('anna')::uuid, %L, '2026-11-21 10:09Z')$$, current_setting('tests.export')), 'PT410', 'This link has been used, or is older than ten minutes.', 'once');
reset role;
select results_eq($$select template from private.mails where key like 'export_made:%'$$, $$values ('export_made')$$, 'a mail tells of it');
select results_eq($$select kind, channel, received_at, acknowledged_at, closed_at, outcome from private.subject_requests where owner_id = md5('anna')::uuid$$,
	$$values ('portability', 'app', '2026-11-21 10:00Z'::timestamptz, '2026-11-21 10:00Z'::timestamptz, '2026-11-21 10:09Z'::timestamptz, 'done')$$, 'it is a request that was answered');
select results_eq($$select what, items from public.access_log where reader = 'export' and owner_id = md5('anna')::uuid order by what$$, $$values ('model', 1), ('photo', 12), ('portrait', 1)$$, 'and the access log');

-- Five an hour.
select is((select count(service.start_export(md5('bert')::uuid, '2026-11-21 10:00Z')) from generate_series(1, 5)), 5::bigint, 'who wants five copies gets five');
select throws_ok($$select service.start_export(md5('bert')::uuid, '2026-11-21 10:59Z')$$, 'PT429', null, 'the sixth within the hour waits');
select lives_ok($$select service.start_export(md5('bert')::uuid, '2026-11-21 11:01Z')$$, 'for the hour');

-- Not for an account that is being closed.
select set_config('tests.export', service.start_export(md5('anna')::uuid, now())::text, true);
update public.profiles set blocked_at = now() where owner_id = md5('anna')::uuid;
select throws_ok(format($$select service.take_export(md5('anna')::uuid, %L)$$, current_setting('tests.export')), 'PT404', 'There is no such copy.', 'a closed account takes none');
select throws_ok($$select service.start_export(md5('anna')::uuid)$$, 'PT404', 'There is no such account.', 'and asks for none');

-- As the owner, as a stranger, as anon: over the function only.
select act_as('anna');
select throws_ok($$select service.read_data(md5('anna')::uuid)$$, '42501', 'permission denied for schema service', 'a person has no way around the function');
select throws_ok($$select from private.exports$$, '42501', 'permission denied for schema private', 'nor to the table');
reset role;

select finish();
rollback;
