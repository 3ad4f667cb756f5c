begin;
set local search_path = extensions, tests, public;
select no_plan();

select consent('anna'), consent('bert');
select set_config('tests.shoot', generating('anna')::text, true);
select set_config('tests.one', (select id from public.generations order by id limit 1)::text, true);
select submit(current_setting('tests.one')::uuid);
select ok(deliver(current_setting('tests.one')::uuid), 'a portrait is delivered');

-- Anonymous.
select act_as_role('anon');
select results_eq($$select sha256::text from public.provenance_marks where sha256 >= 'bbbbb' and sha256 < 'bbbbbg' or sha256 >= 'ccccc' and sha256 < 'cccccg' order by 1$$,
	$$values (repeat('b', 64)), (repeat('c', 64))$$, 'anybody finds the hashes of portrait and thumbnail by five characters');
select throws_ok($$select marked_at from public.provenance_marks$$, '42501', 'permission denied for table provenance_marks', 'but not when they were made');
select throws_ok($$insert into public.provenance_marks (sha256, marked_at) values (repeat('d', 64), now())$$, '42501', 'permission denied for table provenance_marks', 'and adds none');
select throws_ok($$delete from public.provenance_marks$$, '42501', 'permission denied for table provenance_marks', 'nor takes any out');
reset role;
select columns_are('public', 'provenance_marks', array['sha256', 'marked_at'], 'nothing in it leads to a person');

-- A favourite is still ours; a deleted portrait is nobody's business any more.
update public.headshots set is_favorite = true;
select is((select count(*) from public.provenance_marks), 2::bigint, 'what else happens to a portrait changes nothing');
select act_as('bert');
update public.headshots set deleted_at = now();
reset role;
select is((select count(*) from public.provenance_marks), 2::bigint, 'a stranger takes nothing out');
select act_as('anna');
update public.headshots set deleted_at = now();
reset role;
select is_empty($$select from public.provenance_marks$$, 'with the portrait its hashes go');

select set_config('tests.two', (select id from public.generations where status = 'queued' order by id limit 1)::text, true);
select submit(current_setting('tests.two')::uuid), deliver(current_setting('tests.two')::uuid);
select is((select count(*) from public.provenance_marks), 2::bigint, 'another one comes');
delete from auth.users where id = md5('anna')::uuid;
select is_empty($$select from public.provenance_marks$$, 'and goes with its account');

select finish();
rollback;
