begin;
set local search_path = extensions, tests, public;
select no_plan();

select consent('anna'), consent('bert');
select is(service.sweep_due(), 0, 'where nothing is lost nothing is found');

-- A training whose job was lost, then its webhook.
select set_config('tests.shoot', paid('anna')::text, true);
select upload(current_setting('tests.shoot')::uuid, 10), service.seal_photos(md5('anna')::uuid, current_setting('tests.shoot')::uuid);
delete from private.jobs;
select is(service.sweep_due(now() + interval '30 seconds'), 0, 'within a minute it is not missed');
select is(service.sweep_due(now() + interval '61 seconds'), 1, 'then it is');
select results_eq('select open_jobs()', $$values ('start_training')$$, 'and started');
select is(service.sweep_due(now() + interval '61 seconds'), 0, 'once');
select service.begin_training_submit(id) from public.trainings;
select service.finish_job(id, lease_token) from service.claim_jobs(10, 60, 0, now() + interval '61 seconds');
select is(service.sweep_due(now() + interval '61 seconds'), 1, 'submitted without an answer');
select results_eq('select open_jobs()', $$values ('collect_training')$$, 'it is looked for');
select service.record_training_request(id, 'e', 'r1', 's', 'r', 'c') from public.trainings;
delete from private.jobs;
select is(service.sweep_due(now() + interval '61 seconds'), 1, 'not heard of for a minute');
select results_eq('select open_jobs()', $$values ('collect_training')$$, 'it is asked about');
select service.note_training_progress(id, 1, null, now() + interval '61 seconds') from public.trainings;
delete from private.jobs;
select is(service.sweep_due(now() + interval '90 seconds'), 0, 'when it was heard of it is left alone');

-- Portraits.
select service.record_lora(id, 1, repeat('a', 64)) from public.trainings;
delete from private.jobs;
select submit(id) from (select id from public.generations limit 4) as few;
select is(service.sweep_due(now() + interval '61 seconds'), 20, 'twenty lost jobs are found');
select results_eq($$select kind, count(*) from private.jobs group by 1 order by 1$$, $$values ('collect_generation', 4::bigint), ('submit_generation', 16)$$, 'each as what it needs');
update private.jobs set dead_at = now();
select is(service.sweep_due(now() + interval '61 seconds'), 0, 'what is dead is left to be seen');
delete from private.jobs;
select deliver_all(current_setting('tests.shoot')::uuid);
delete from private.jobs;
select is(service.sweep_due(now() + interval '1 day'), 0, 'what is over is over');

-- A checkout whose webhook was lost.
select set_config('tests.draft', draft('bert')::text, true);
select service.open_order(md5('bert')::uuid, current_setting('tests.draft')::uuid);
select is(service.sweep_due(now() + interval '10 minutes'), 0, 'an order without a page has nothing to ask about');
select service.record_checkout_session(id, 'cs_b') from public.orders where shoot_id = current_setting('tests.draft')::uuid;
select is(service.sweep_due(now() + interval '60 seconds'), 0, 'a page is left alone for two minutes');
select is(service.sweep_due(now() + interval '120 seconds'), 1, 'then Stripe is asked');
select results_eq($$select payload from private.jobs$$, $$values ('{"session_id": "cs_b"}'::jsonb)$$, 'about this one');
delete from private.jobs;
select is(service.sweep_due(now() + interval '180 seconds'), 0, 'not every minute');
select is(service.sweep_due(now() + interval '250 seconds'), 1, 'again two minutes later');
delete from private.jobs;
select is(service.sweep_due(now() + interval '10 hours'), 1, 'and later');
select is(next_check_at, now() + interval '11 hours', 'at most an hour apart') from public.orders where shoot_id = current_setting('tests.draft')::uuid;
select settle(current_setting('tests.draft')::uuid, 'cs_b');
delete from private.jobs;
select is(service.sweep_due(now() + interval '2 days'), 0, 'when it is paid nothing is left to ask');

-- Old machine rows.
select ring('fal', 'old', 'send_mail', 'm'), ring('fal', 'open', 'send_mail', 'n');
update private.webhook_events set handled_at = now() where external_id = 'old';
update private.jobs set dead_at = now() where key = 'm';
select service.sweep_due(now() + interval '29 days');
select is((select count(*) from private.webhook_events) + (select count(*) from private.jobs where key in ('m', 'n')), 4::bigint, 'they are kept for 30 days');
select service.sweep_due(now() + interval '31 days');
select results_eq($$select external_id from private.webhook_events$$, $$values ('open')$$, 'then what was handled is pruned');
select results_eq($$select key from private.jobs where key in ('m', 'n')$$, $$values ('n')$$, 'and what was given up');

select person('carl');
select act_as('carl');
select throws_ok($$select service.sweep_due()$$, '42501', 'permission denied for schema service', 'no person sweeps');
reset role;
select is((select count(*) from private.ledger_differences()), 0::bigint, 'the books balance');

select * from finish();
rollback;
