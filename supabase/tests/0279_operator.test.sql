begin;
set local search_path = extensions, tests, public;
select no_plan();

select person('anna'); select consent('anna');
select set_config('tests.shoot', paid('anna')::text, true);
select service.note_difference('payment_unclear', 'cs_odd');
insert into private.jobs (key, kind, payload, priority, run_at, max_attempts, dead_at, last_error)
values ('send_mail:dead', 'send_mail', '{"mail_id": "00000000-0000-4000-8000-000000000001"}', 1, now(), 1, now(), 'gone');

-- Who sees it.
select is((select count(*)::integer from unnest(array['anon', 'authenticated', 'service_role']) as r
	where has_schema_privilege(r, 'ops', 'usage')), 0, 'nobody of the API comes into the schema');
select is((select count(*)::integer from pg_proc p, unnest(array['anon', 'authenticated', 'service_role', 'public']) as r
	where p.pronamespace = 'ops'::regnamespace and r <> 'public' and has_function_privilege(r, p.oid, 'execute')), 0, 'or calls one of its functions');
select is_empty($$
	select table_name, column_name from information_schema.columns
	where table_schema = 'ops' and column_name ~ 'email|name$|storage|key|path|url|sha256|file'$$, 'no view has a file, an address or a name');
create function pg_temp.said() returns text language plpgsql as $$
declare
	v_view text; v_all text := ''; v_some text;
begin
	for v_view in select viewname from pg_views where schemaname = 'ops' loop
		execute format('select coalesce(string_agg(t::text, e''\n''), '''') from ops.%I t', v_view) into v_some;
		v_all := v_all || v_some;
	end loop;
	return v_all;
end $$;
select unalike(pg_temp.said(), '%anna%', 'nobody is named in what they say');
select unalike(pg_temp.said(), '%@%', 'nor an address');
select ok(pg_temp.said() !~ '\.(jpg|jpeg|png|webp|zip|safetensors)', 'nor a file');
select is_empty($$
	select viewname from pg_views v where schemaname = 'ops'
		and obj_description(format('ops.%I', viewname)::regclass) is null$$, 'each says what it shows');

-- What it shows.
select is((select kind from ops.dead_letters), 'send_mail', 'dead work is there');
select is((select outcome from ops.differences), 'open', 'open differences');
select is((select charged from ops.margins), 2900, 'what an order brought');
select is((select margin from ops.margins), round(2900 - 30 - 0.029 * 2900, 2), 'and what is left of it before anything was made');
select ok((select are_open from ops.doors), 'the doors are open');

-- What a hand may do.
select throws_ok($$select ops.retry_job((select id from private.jobs where key = 'send_mail:dead'), 'oops')$$, '23514', null, 'without a reason nothing is done');
select is(ops.retry_job((select id from private.jobs where key = 'send_mail:dead'), 'The mail service is back.'), 'due now', 'a dead job runs again');
select is_empty('select from ops.dead_letters', 'and is dead no more');
select is(ops.retry_job(gen_random_uuid(), 'The mail service is back.'), 'not dead: nothing changed', 'one that is not dead is left alone');
select is(ops.close_difference('payment_unclear', 'cs_odd', 'A test payment of ours.'), 'closed', 'a difference is closed with what it was');
select set_config('tests.hold', private.open_hold((select s from public.shoots s), 'headshot', 5, 'odd', 'Set aside')::text, true);
select is(ops.release_hold(current_setting('tests.hold')::uuid, 'The work was lost.'), 'captured 0, released 5', 'a hold is given back');
select is((select available from public.credit_balances where unit = 'headshot'), 20, 'all of it');
select is(ops.release_hold(current_setting('tests.hold')::uuid, 'Once more, by mistake.'), 'captured 0, released 5', 'once');
select is_empty('select * from private.ledger_differences()', 'and the ledger agrees');
select is(ops.close_doors('A restore is about to begin.'), 'closed', 'the doors are closed by hand');
select ok(not private.is_serving(), 'for everybody');
select is((select count(*)::integer from ops.actions), 6, 'what was done is written down, also what changed nothing');
select throws_ok('update private.operator_actions set reason = ''something quite else''', '42501', 'What was done stays written down.', 'and stays so');
select throws_ok('delete from private.operator_actions', '42501', 'What was done stays written down.', 'all of it');

-- Figures.
select is((service.health() ->> 'isServing')::boolean, false, 'whoever asks is told that nobody is served');
select ok(service.figures()::text !~ '[0-9a-f]{8}-[0-9a-f]{4}', 'figures carry no id');

-- What Instant costs: every picture that was asked for, also the second one of a portrait.
select consent('bert');
select set_config('tests.shoot', instant('bert', 1)::text, true);
create temporary table portrait as select id from public.generations where shoot_id = current_setting('tests.shoot')::uuid limit 1;
select service.begin_portrait(id, 'm'), service.begin_portrait(id, 'm'), deliver(id) from portrait;
select results_eq($$select portraits, asked, cost from ops.margins m join public.orders o on o.id = m.order_id
	where o.shoot_id = current_setting('tests.shoot')::uuid$$,
	$$values (1::bigint, 2::bigint, round(2 * 4 + 30 + 0.029 * 2900, 2))$$, 'both requests count');

select * from finish();
rollback;
