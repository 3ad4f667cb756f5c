begin;
set local search_path = extensions, tests, public;
select no_plan();

create function pg_temp.read_by(p_name text) returns table (reader text, what text, count bigint) language sql as $$
	select reader, what, sum(items) from public.access_log where owner_id = md5(p_name)::uuid group by 1, 2 order by 1, 2
$$;

-- Written where the reading happens.
select consent('anna'), consent('bert');
select set_config('tests.shoot', in_training('anna')::text, true);
select results_eq($$select * from pg_temp.read_by('anna')$$, $$values ('training', 'photo', 12::bigint)$$, 'a training has read the photos');
select service.record_lora(id, 1, repeat('a', 64)) from public.trainings;
select submit(id) from (select id from public.generations limit 3) as few;
select results_eq($$select * from pg_temp.read_by('anna')$$, $$values ('generation', 'model', 3::bigint), ('training', 'photo', 12)$$, 'each portrait has read the model');
select service.record_access(md5('anna')::uuid, 'export', 'portrait', current_setting('tests.shoot')::uuid, 7);
select service.record_access(md5('anna')::uuid, 'export', 'photo', current_setting('tests.shoot')::uuid, 0);
select is((select count(*) from public.access_log where reader = 'export'), 1::bigint, 'reading nothing is no entry');

-- By the person's own pages.
select set_config('tests.photos', array_agg(id)::text, true) from public.photos where owner_id = md5('anna')::uuid;
select act_as('anna');
insert into public.access_log (what, shoot_id, items) values ('photo', current_setting('tests.shoot')::uuid, 12);
select results_eq($$select owner_id, at, reader from public.access_log where reader = 'you'$$, $$values (md5('anna')::uuid, now(), 'you')$$, 'one''s own look is noted as such, now');
select throws_ok($$insert into public.access_log (what, shoot_id, reader) values ('photo', current_setting('tests.shoot')::uuid, 'training')$$, '42501', null, 'as nobody else''s');
select throws_ok($$update public.access_log set at = '2000-01-01'$$, '42501', null, 'nothing is changed');
select throws_ok($$delete from public.access_log$$, '42501', null, 'or taken out');
select is((select count(*) from public.show_files('photo', current_setting('tests.shoot')::uuid)), 12::bigint, 'whoever is told where the files lie');
select results_eq($$select what, items from public.access_log where reader = 'you'$$, $$values ('photo', 12), ('photo', 12)$$, 'has it in the log, with their number');
select is_empty($$select * from public.show_files('portrait', current_setting('tests.shoot')::uuid)$$, 'nothing to show');
select is((select count(*) from public.access_log where reader = 'you'), 2::bigint, 'is no entry');
select act_as('bert');
select is_empty($$select * from public.show_files('photo', current_setting('tests.shoot')::uuid)$$, 'a stranger is shown nothing by its shoot');
select is_empty(format('select * from public.show_files(''photo'', null, %L)', current_setting('tests.photos')), 'or by name');
select is_empty($$select from public.access_log$$, 'a stranger sees nothing of it');
select throws_ok($$insert into public.access_log (what, shoot_id) values ('photo', current_setting('tests.shoot')::uuid)$$, '42501', null, 'and writes nothing into it');
reset role;
select service.sweep_due(now() + interval '29 days');
select is((select count(*) from public.access_log), 7::bigint, 'it is kept');
select service.sweep_due(now() + interval '31 days');
select is_empty($$select from public.access_log$$, 'for 30 days');

-- Those who run the service.
create function pg_temp.as_operator(p_query text) returns text language plpgsql as $$
begin
	execute p_query;
	return 'allowed';
exception when insufficient_privilege then
	return 'refused';
end $$;
grant execute on function pg_temp.as_operator to operator;
grant operator to current_user;
select is_empty($$select rolname from pg_roles where rolname <> 'operator' and pg_has_role('operator', oid, 'member')$$, 'an operator is nobody else');
set local role operator;
select is(pg_temp.as_operator('select from ops.stuck_jobs'), 'allowed', 'an operator sees troubles');
select is(pg_temp.as_operator('select from ops.deletions'), 'allowed', 'and counts');
select is(pg_temp.as_operator(q), 'refused', 'but not: ' || q) from unnest(array[
	'select from public.photos', 'select from public.headshots', 'select from public.loras', 'select from storage.objects',
	'select from private.jobs', 'select from public.profiles', 'select from public.access_log',
	'select service.training_work(gen_random_uuid())', 'select service.expire_due(1)', 'update public.photos set deleted_at = null',
	'select private.take_token(null, null, 1, null)'
]) as q;
reset role;

select * from finish();
rollback;
