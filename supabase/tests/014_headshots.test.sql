begin;
set local search_path = extensions, tests, public;
select no_plan();

select consent('anna'), consent('bert');
select set_config('tests.shoot', generating('anna')::text, true);
select set_config('tests.one', (select id from public.generations order by id limit 1)::text, true);

select ok(not deliver(current_setting('tests.one')::uuid), 'what was not submitted is not delivered');
select submit(current_setting('tests.one')::uuid);
select act_as_role('service_role');
select ok(service.deliver_headshot(current_setting('tests.one')::uuid, 896, 1120, 200000, repeat('b', 64), 20000, repeat('c', 64)), 'a portrait is delivered');
select ok(not service.deliver_headshot(current_setting('tests.one')::uuid, 896, 1120, 200000, repeat('b', 64), 20000, repeat('c', 64)), 'once');
reset role;
select is(balance('anna', 'headshot'), '0+19', 'and paid for once');
select is((select count(*) from private.jobs where kind = 'forget_delivered' or payload ->> 'request_id' = 'req_' || current_setting('tests.one') || '_1'), 0::bigint, 'the provider forgets it when the round is over');
select is((select count(*) from private.jobs where key like 'delete_objects:headshots:%'), 0::bigint, 'a second delivery does not delete the files of the first');
select ok(not service.deliver_headshot(gen_random_uuid(), 1, 1, 1, repeat('b', 64), 1, repeat('c', 64)), 'of something erased nothing is delivered');
select is(service.fail_generation(current_setting('tests.one')::uuid, 'broken', false), 'ended_before', 'what was delivered does not fail');
select is((select count(*) from public.headshots), 1::bigint, 'there is one');

-- As the owner.
select act_as('anna');
select results_eq($$select storage_key, is_favorite from public.headshots$$,
	$$select format('%s/%s/%s.jpg', md5('anna')::uuid, current_setting('tests.shoot'), current_setting('tests.one')), false$$, 'a person sees their portrait');
update public.headshots set is_favorite = true;
select ok(is_favorite, 'and marks it') from public.headshots;
select throws_ok($$update public.headshots set storage_key = 'x'$$, '42501', 'permission denied for table headshots', 'but not where it lies');
select throws_ok($$insert into public.headshots (shoot_id) values (gen_random_uuid())$$, '42501', 'permission denied for table headshots', 'and adds none');
select throws_ok($$delete from public.headshots$$, '42501', 'permission denied for table headshots', 'rows go when their files have gone');
-- As a stranger.
select act_as('bert');
select is_empty($$select from public.headshots$$, 'a stranger sees none');
update public.headshots set is_favorite = false, deleted_at = now();
-- Anonymous.
select act_as_role('anon');
select throws_ok($$select from public.headshots$$, '42501', 'permission denied for table headshots', 'nor anon');
reset role;
select ok(is_favorite and deleted_at is null, 'after all this it is what it was') from public.headshots;

-- Deleting one.
select act_as('anna');
select isnt_empty($$update public.headshots set deleted_at = '2020-01-01' returning id$$, 'a portrait can be deleted');
reset role;
select is(deleted_at, now(), 'now') from public.headshots;
select results_eq($$select payload from private.jobs where key like 'delete_objects:headshots:%'$$,
	$$select jsonb_build_object('bucket', 'headshots', 'keys', array[storage_key, thumbnail_key]) from public.headshots$$, 'with both files');
update public.headshots set deleted_at = now() - interval '1 minute';
select is(deleted_at, now(), 'when it was deleted does not change') from public.headshots;
alter table public.headshots disable trigger headshots_are_guarded;
update public.headshots set deleted_at = now() - interval '1 minute';
alter table public.headshots enable trigger headshots_are_guarded;
select act_as('anna');
select is_empty($$select from public.headshots$$, 'a later request does not see it');
select is_empty($$update public.headshots set deleted_at = null returning id$$, 'nor brings it back');
reset role;
select service.objects_gone('photos', (select array_agg(storage_key) from public.headshots));
select is((select count(*) from public.headshots), 1::bigint, 'it waits for its own bucket');
select service.objects_gone('headshots', (select array[storage_key, thumbnail_key] from public.headshots));
select is_empty($$select from public.headshots$$, 'when the files are gone the row goes, too');
select is(balance('anna', 'headshot'), '0+19', 'what was delivered and deleted stays paid');

-- The round ends ready, though its one portrait was deleted meanwhile.
select submit(id), service.fail_generation(id, 'unavailable', false) from public.generations where status = 'queued';
select is(status::text, 'ready', 'a deleted portrait was a portrait') from public.shoots;
select results_eq($$select payload, run_at from private.jobs where kind = 'forget_delivered'$$,
	$$select jsonb_build_object('shoot_id', current_setting('tests.shoot')), now() + interval '30 seconds'$$, 'one job has the provider forget what was delivered');
select is(service.requests_to_forget(current_setting('tests.shoot')::uuid), array['req_' || current_setting('tests.one') || '_1'], 'and that only: what failed has a job of its own');
select service.record_forgotten('req_' || current_setting('tests.one') || '_1', '{}');
select is(service.requests_to_forget(current_setting('tests.shoot')::uuid), '{}', 'once');
select is((select count(*) from private.ledger_differences()), 0::bigint, 'the books balance');

-- The account goes, with everything in it.
select generating('anna');
delete from auth.users where id = md5('anna')::uuid;
select is_empty(format('select from %I.%I where owner_id = md5(''anna'')::uuid', table_schema, table_name),
	table_schema || '.' || table_name || ' keeps nothing of it')
from information_schema.columns
where column_name = 'owner_id' and table_schema in ('public', 'private') and table_name <> 'provider_requests';
select isnt_empty($$select from private.provider_requests where owner_id = md5('anna')::uuid$$, 'only what the provider has still to forget is noted');

select * from finish();
rollback;
