begin;
set local search_path = extensions, tests, public;
select no_plan();

select person('anna'), person('bert'), consent('anna'), consent('bert');
select set_config('tests.shoot', generating('anna')::text, true);
select submit(id), deliver(id) from public.generations;
select is(private.return_limit(current_setting('tests.shoot')::uuid), 4, 'a fifth of twenty');
select set_config('tests.one', (select id from public.headshots order by id limit 1)::text, true);

select act_as('bert');
select throws_ok($$insert into public.returns (headshot_id) values (current_setting('tests.one')::uuid)$$, 'PT404', 'There is no such portrait.', 'nobody returns another''s');
select act_as_role('anon');
select throws_ok($$insert into public.returns (headshot_id) values (current_setting('tests.one')::uuid)$$, '42501', null, 'nor does anon');
select act_as('anna');
select throws_ok($$insert into public.returns (headshot_id, shoot_id) values (current_setting('tests.one')::uuid, gen_random_uuid())$$, '42501', null, 'what is counted is not the client''s to say');
select lives_ok($$insert into public.returns (headshot_id) values (current_setting('tests.one')::uuid)$$, 'a portrait of somebody else goes back');
select throws_ok($$insert into public.returns (headshot_id) values (current_setting('tests.one')::uuid)$$, 'PT409', 'This portrait is gone already.', 'once');
reset role;
select is(balance('anna', 'headshot'), '1+0', 'its credit is back');
select is(reason, 'Not you? Not charged: a portrait was returned, and its credit is back', 'with a reason') from public.credit_entries where kind = 'return';
select ok(deleted_at is not null, 'the picture is deleted') from public.headshots where id = current_setting('tests.one')::uuid;
select is((select count(*) from private.jobs where key like 'delete_objects:headshots:%'), 1::bigint, 'with its files');
select service.objects_gone('headshots', (select array[storage_key, thumbnail_key] from public.headshots where id = current_setting('tests.one')::uuid));
select act_as_role('operator');
select results_eq($$select style_id, delivered, returned, share_returned from ops.styles$$,
	$$values ('slate', 20::bigint, 1::bigint, 0.050)$$, 'the operator sees how often a style does not look like its person, also when the picture has gone');
reset role;
select is(private.return_limit(current_setting('tests.shoot')::uuid), 4, 'and the limit does not shrink');

select act_as('anna');
select lives_ok($$insert into public.returns (headshot_id) select id from public.headshots where deleted_at is null limit 3$$, 'three more');
select throws_ok($$insert into public.returns (headshot_id) select id from public.headshots where deleted_at is null limit 1$$, 'PT409', '4 portraits of a shoot can be returned, and they are.', 'then it is enough');
reset role;
select is(balance('anna', 'headshot'), '4+0', 'four credits');
select is(private.unused_of(o, 'headshot'), 4, 'that could be taken back') from public.orders o;
select is((select count(*) from private.ledger_differences()), 0::bigint, 'the books balance');
select * from finish();
rollback;
