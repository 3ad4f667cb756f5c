begin;
set local search_path = extensions, tests, public;
select no_plan();

select consent('anna'), consent('bert');
insert into public.shoot_styles (shoot_id, style_id, owner_id)
select id, 'park', md5('anna')::uuid from (select draft('anna') as id) as d;
select set_config('tests.shoot', id::text, true) from public.shoots;
select service.record_checkout_session(order_id, 'cs') from service.open_order(md5('anna')::uuid, current_setting('tests.shoot')::uuid);
select settle(current_setting('tests.shoot')::uuid, 'cs'), upload(current_setting('tests.shoot')::uuid, 10);
select service.begin_training_submit(service.seal_photos(md5('anna')::uuid, current_setting('tests.shoot')::uuid));
select service.record_lora(id, 1, repeat('a', 64)) from public.trainings;

select results_eq($$select style_id, count(*) from public.generations group by 1 order by 1$$, $$values ('park', 10::bigint), ('slate', 10)$$, 'a pack is shared out over its styles');
select set_config('tests.one', (select id from public.generations order by id limit 1)::text, true);
select is((select array_agg(key order by key) from jsonb_object_keys(service.generation_work(current_setting('tests.one')::uuid)) as key),
	array['attempt', 'edit', 'engine', 'headshotKey', 'height', 'id', 'isPermitted', 'loraKey', 'ownerId', 'prompt', 'references', 'request', 'seed', 'shootId', 'status', 'submittedAt', 'thumbnailKey', 'width'],
	'a generation''s work has these fields');
select is(service.generation_work(current_setting('tests.one')::uuid) ->> 'thumbnailKey',
	format('%s/%s/%s_thumb.jpg', md5('anna')::uuid, current_setting('tests.shoot'), current_setting('tests.one')), 'its files have these keys');
select throws_ok($$select service.generation_work(gen_random_uuid())$$, 'PT404', 'There is no such generation.', 'an unknown one is not there');

-- Submitted at most once.
select is(service.begin_generation_submit(current_setting('tests.one')::uuid) ->> 'status', 'running', 'one may submit, and is given the work');
select is(service.begin_generation_submit(current_setting('tests.one')::uuid), null, 'and no second one');
select service.clear_generation_submit(current_setting('tests.one')::uuid, 1);
select isnt(service.begin_generation_submit(current_setting('tests.one')::uuid), null, 'unless it was not accepted');
create function pg_temp.record(p_request text, p_attempt integer default 1) returns boolean language sql as $$
	select service.record_generation_request(current_setting('tests.one')::uuid, p_attempt, 'fal-ai/g', p_request, 'https://q/s', 'https://q/r', 'https://q/c')
$$;
select ok(pg_temp.record('g1') and pg_temp.record('g1'), 'the accepted request is noted');
select is((select count(*) from private.provider_requests where request_id = 'g1' and generation_id = current_setting('tests.one')::uuid), 1::bigint, 'once');
select ok(not pg_temp.record('g2'), 'a second one is forgotten');

-- Asked for once more, then given back.
select set_config('tests.seed', seed::text, true) from public.generations where id = current_setting('tests.one')::uuid;
select is(service.fail_generation(current_setting('tests.one')::uuid, 'flagged', true), 'retrying', 'a flagged picture is asked for once more');
select results_eq($$select status::text, attempt, request_id is null, seed <> current_setting('tests.seed')::integer from public.generations where id = current_setting('tests.one')::uuid$$,
	$$values ('queued', 2, true, true)$$, 'with another seed');
select is(balance('anna', 'headshot'), '0+20', 'its credit is still set aside');
select ok(not deliver(current_setting('tests.one')::uuid), 'what was not asked for is not delivered');

-- A worker of the first try comes back when the second is about to be sent, after its lease: nothing of what it says is about this one.
select is(service.begin_generation_submit(current_setting('tests.one')::uuid) ->> 'attempt', '2', 'the second try is sent');
select ok(not pg_temp.record('g0'), 'a request of the first is not taken for its own');
select service.clear_generation_submit(current_setting('tests.one')::uuid, 1);
select is(service.fail_generation(current_setting('tests.one')::uuid, 'broken', true, p_attempt => 1), 'ended_before', 'a fault of the first does not end it');
select ok(not service.deliver_headshot(current_setting('tests.one')::uuid, 896, 1120, 200000, repeat('b', 64), 20000, repeat('c', 64), p_attempt => 1), 'a picture of the first is not delivered for it');
select results_eq($$select status::text, attempt, request_id from public.generations where id = current_setting('tests.one')::uuid$$,
	$$values ('running', 2, null::text)$$, 'it is under way as before');
select is(balance('anna', 'headshot'), '0+20', 'and nothing was charged or given back');
select results_eq($$select distinct split_part(k, current_setting('tests.one'), 2) collate "C" as ending from private.jobs, jsonb_array_elements_text(payload -> 'keys') as k
	where key like 'delete_objects:headshots:%' order by 1$$, $$values ('.jpg' collate "C"), ('.png'), ('_thumb.jpg')$$, 'what the first may have stored is deleted, and of the second nothing');
select ok(pg_temp.record('req_second', 2), 'its own request is noted');
select is(service.fail_generation(current_setting('tests.one')::uuid, 'flagged', true, p_attempt => 2), 'failed', 'the second time it has failed');
select is(balance('anna', 'headshot'), '1+19', 'and its credit is back');
select results_eq($$select reason from public.credit_entries where kind = 'release' and unit = 'headshot'$$,
	$$values ('A portrait was held back by the safety check; its credit is back')$$, 'with the reason in words');
select is(service.fail_generation(current_setting('tests.one')::uuid, 'broken', true), 'ended_before', 'once');
select ok(not deliver(current_setting('tests.one')::uuid), 'a late picture is not delivered');
select is_empty($$select from public.headshots$$, 'there is none');
select is((select count(distinct k) from private.jobs, jsonb_array_elements_text(payload -> 'keys') as k
	where key like 'delete_objects:headshots:%' and split_part(k, current_setting('tests.one'), 2) like '-2%'), 3::bigint, 'its files are deleted');
select is((select count(*) from private.jobs where kind = 'forget_request'), 4::bigint, 'and every request is forgotten');
select is(balance('anna', 'headshot'), '1+19', 'nothing was charged');
select is(status::text, 'generating', 'the others go on') from public.shoots;

-- More with what is left: when the round is over.
create function pg_temp.plan(p_count integer, p_request uuid, p_styles text[] default array['slate'], p_owner text default 'anna') returns integer language sql as $$
	select service.plan_headshots(md5(p_owner)::uuid, current_setting('tests.shoot')::uuid, p_styles, p_count, p_request)
$$;
select throws_ok($$select pg_temp.plan(1, gen_random_uuid())$$, 'PT409', 'More portraits cannot be made for this shoot now.', 'not while a round is under way');
select deliver_all(current_setting('tests.shoot')::uuid);
select is(status::text, 'ready', 'the last one makes the shoot ready') from public.shoots;
select results_eq($$select (data ->> 'count')::integer from private.mails where template = 'portraits_ready'$$, $$values (19)$$, 'one mail says how many');
select is(balance('anna', 'headshot'), '1+0', 'one credit is left');
select throws_ok($$select pg_temp.plan(2, gen_random_uuid())$$, 'PT402', 'There are not enough portrait credits left.', 'not for two');
select throws_ok($$select pg_temp.plan(0, gen_random_uuid())$$, 'PT422', 'Ask for at least one portrait.', 'nor for none');
select throws_ok($$select pg_temp.plan(-1, gen_random_uuid())$$, 'PT422', null, 'nor for less');
select throws_ok($$select pg_temp.plan(1, gen_random_uuid(), array['slate', 'park', 'ink'])$$, 'PT422', 'Choose 1 to 2 of the styles shown.', 'in no more styles than the offer has');
select throws_ok($$select pg_temp.plan(1, gen_random_uuid(), array['none'])$$, 'PT422', null, 'in none that is unknown');
select throws_ok($$select pg_temp.plan(1, gen_random_uuid(), array[]::text[])$$, 'PT422', null, 'in at least one');
select throws_ok($$select pg_temp.plan(1, gen_random_uuid(), array['slate'], 'bert')$$, 'PT404', 'There is no such shoot.', 'not for another''s shoot');
select is(status::text || portraits_planned, 'ready20', 'after the refusals it is what it was') from public.shoots;
select is(pg_temp.plan(1, '00000000-0000-4000-8000-000000000001', array['ink']), 1, 'one more, in another style');
select is(pg_temp.plan(1, '00000000-0000-4000-8000-000000000001', array['ink']), 1, 'a second click plans nothing more');
select throws_ok($$select pg_temp.plan(2, '00000000-0000-4000-8000-000000000001')$$, 'PT409', 'This request was made before, for something else.', 'the same request for something else is refused');
select is((select count(*) from public.generations), 21::bigint, 'there is one more');
select is(balance('anna', 'headshot'), '0+1', 'and one credit set aside');

-- A round in which nothing came of it.
select submit(id), service.fail_generation(id, 'unavailable', false) from public.generations where status = 'queued';
select is(status::text, 'ready', 'a shoot with portraits is ready also when the last round brought none') from public.shoots;
select is((select count(*) from private.mails where template = 'portraits_ready'), 1::bigint, 'about which no mail boasts');
select is(balance('anna', 'headshot'), '1+0', 'the credit is back');

select set_config('tests.shoot', generating('bert')::text, true);
select submit(id), service.fail_generation(id, 'refused', false) from public.generations where shoot_id = current_setting('tests.shoot')::uuid;
select results_eq($$select status::text, failure from public.shoots where id = current_setting('tests.shoot')::uuid$$, $$values ('failed', 'no_portraits')$$, 'a shoot without any portrait has failed');
select is(balance('bert', 'headshot'), '20+0', 'and everything is back');
select results_eq($$select data ->> 'failure' from private.mails where owner_id = md5('bert')::uuid and template = 'training_failed'$$, $$values ('no_portraits')$$, 'which is told');
select is(pg_temp.plan(20, gen_random_uuid(), array['slate'], 'bert'), 20, 'it can be tried again with the lora that exists');

-- The order is refunded while portraits are made.
select deliver(id) from (select id, submit(id) from public.generations where shoot_id = current_setting('tests.shoot')::uuid and status = 'queued' limit 3) as few;
select submit(id) from (select id from public.generations where shoot_id = current_setting('tests.shoot')::uuid and status = 'queued' limit 2) as few;
select is(service.refund_order(stripe_payment_intent_id, 2900, 'usd', jsonb_build_array(jsonb_build_object('id', 're_' || stripe_payment_intent_id, 'amount', 2900, 'status', 'succeeded'))), 'refunded', 'the order is refunded') from public.orders where shoot_id = current_setting('tests.shoot')::uuid;
select is((select count(*) from public.generations where shoot_id = current_setting('tests.shoot')::uuid and status = 'cancelled'), 17::bigint, 'what was open is cancelled');
select is(balance('bert', 'headshot') || ' ' || balance('bert', 'training'), '0+0 0+0', 'what is unused is taken back, what was delivered is not');
select is((select -available from public.credit_entries where owner_id = md5('bert')::uuid and kind = 'refund' and unit = 'headshot'), 17, 'seventeen of twenty');
select is(status::text, 'refunded', 'the shoot is over') from public.shoots where id = current_setting('tests.shoot')::uuid;
select is((select count(*) from public.generations g where status = 'cancelled' and deliver(g.id)), 0::bigint, 'a late picture resurrects nothing');
select is((select count(*) from public.generations g where status = 'cancelled' and service.begin_generation_submit(g.id) is not null), 0::bigint, 'and none is submitted');
select is((service.generation_work(id) ->> 'isPermitted')::boolean, false, 'nothing of it is permitted any more')
from public.generations where shoot_id = current_setting('tests.shoot')::uuid and status = 'cancelled' limit 1;

-- As owner, stranger, anonymous.
select act_as('anna');
select is((select count(status) from public.generations), 21::bigint, 'a person sees how theirs go');
select throws_ok($$select prompt from public.generations$$, '42501', 'permission denied for table generations', 'not the prompts');
select throws_ok($$update public.generations set status = 'queued'$$, '42501', 'permission denied for table generations', 'and asks for none by writing');
select act_as('bert');
select is_empty($$select status from public.generations where owner_id = md5('anna')::uuid$$, 'a stranger sees none');
select act_as_role('anon');
select throws_ok($$select status from public.generations$$, '42501', 'permission denied for table generations', 'nor anon');
reset role;
select is((select count(*) from private.ledger_differences()), 0::bigint, 'the books balance');

select * from finish();
rollback;
