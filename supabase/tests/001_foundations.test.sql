begin;
set local search_path = extensions, tests, public;
select no_plan();

-- New things are nobody's until they are granted.
create table public.made_now (id integer primary key);
create function public.done_now() returns integer language sql set search_path = '' as 'select 1';
create function service.served_now() returns integer language sql set search_path = '' as 'select 1';
select table_privs_are('public', 'made_now', role, array[]::text[], 'a new table gives nothing to ' || role)
from unnest(array['anon', 'authenticated', 'service_role']) as role;
select function_privs_are('public', 'done_now', array[]::text[], role, array[]::text[], 'a new function gives nothing to ' || role)
from unnest(array['anon', 'authenticated', 'service_role']) as role;
select function_privs_are('service', 'served_now', array[]::text[], role, array[]::text[], 'nor in service, to ' || role)
from unnest(array['anon', 'authenticated', 'service_role']) as role;

select schema_privs_are('service', 'anon', array[]::text[], 'anon does not reach service');
select schema_privs_are('service', 'authenticated', array[]::text[], 'nor does a signed-in person');
select schema_privs_are('service', 'service_role', array['USAGE'], 'the service role does, and may make nothing there');
select schema_privs_are('private', role, array[]::text[], 'nobody reaches private: not ' || role)
from unnest(array['anon', 'authenticated', 'service_role']) as role;
select schema_privs_are('public', role, array['USAGE'], role || ' may use public, and make nothing there')
from unnest(array['anon', 'authenticated', 'service_role']) as role;

select hasnt_extension('pg_graphql', 'GraphQL is off');

select throws_ok($$select private.refuse(409, 'not_now', 'No.', 'Later.')$$, 'PT409', 'No.', 'a refusal carries its status');

select is_empty($$
	select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
	where n.nspname in ('public', 'service', 'private') and p.proname not in ('done_now', 'served_now')
		and not coalesce('search_path=""' = any (p.proconfig), false)
$$, 'every function pins its search path');
select is_empty($$
	select c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace
	where n.nspname in ('public', 'private') and c.relkind = 'r' and c.relname <> 'made_now'
		and obj_description(c.oid, 'pg_class') is null
$$, 'every table says what it is for');
select is_empty($$
	select c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace
	where n.nspname = 'public' and c.relkind = 'r' and c.relname <> 'made_now' and not c.relrowsecurity
$$, 'every table in public is under row-level security');

select * from finish();
rollback;
