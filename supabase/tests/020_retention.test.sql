begin;
set local search_path = extensions, tests, public;
select no_plan();

create function pg_temp.shoot() returns uuid language sql as $$ select current_setting('tests.shoot')::uuid $$;
create function pg_temp.keep() returns interval language sql as $$
	select distinct keep_until - now() from public.photos where shoot_id = pg_temp.shoot()
$$;
create function pg_temp.choose(p_choice public.photo_retention) returns interval language sql as $$
	update public.shoots set photo_retention = p_choice where id = pg_temp.shoot();
	select pg_temp.keep()
$$;
create function pg_temp.live() returns bigint language sql as $$
	select count(*) from public.photos where shoot_id = pg_temp.shoot() and deleted_at is null
$$;
create function pg_temp.mails_of(p_name text) returns setof text language sql as $$
	select template from private.mails where owner_id = md5(p_name)::uuid and template like '%leaving' order by created_at
$$;

-- While nothing was made the time runs from the upload, whatever was chosen.
select consent('anna'), consent('bert'), consent('carl'), consent('dora'), consent('emil');
select set_config('tests.shoot', paid('anna')::text, true);
select upload(pg_temp.shoot(), 12);
select is(pg_temp.keep(), interval '30 days', 'after the upload photos are kept for 30 days');
select is(pg_temp.choose('PT24H'), interval '30 days', 'a short choice does not take them before they were used');
select is(pg_temp.choose('after_training'), interval '30 days', 'nor does right after training');
select is(pg_temp.choose('P30D'), interval '30 days', 'by default 30 days');
select is(service.expire_due(100, now() + interval '29 days'), 0, 'on the 29th day nothing is due');
select is_empty($$select pg_temp.mails_of('anna')$$, 'and nobody is told before its time');
insert into public.photos (owner_id, shoot_id, sha256, content_type, bytes, width, height, file_name)
values (md5('anna')::uuid, pg_temp.shoot(), repeat('f', 64), 'image/jpeg', 1000, 800, 1000, 'lost.jpg');
select service.sweep_due(now() + interval '27 days');
select service.sweep_due(now() + interval '28 days');
select results_eq($$select pg_temp.mails_of('anna')$$, $$values ('photos_leaving')$$, 'three days before the person is told, once');
select is((select data ->> 'count' from private.mails where template = 'photos_leaving'), '12', 'of those that are with us, not of one whose file never came');
delete from public.photos where file_name = 'lost.jpg';

-- In use by a training.
select service.seal_photos(md5('anna')::uuid, pg_temp.shoot());
select is(service.expire_due(100, now() + interval '31 days'), 0, 'what is being learned from is not taken');
select service.begin_training_submit(id) from public.trainings;
select service.record_training_request(id, 'e', 'r1', 's', 'r', 'c') from public.trainings;
select service.record_lora(id, 1, repeat('a', 64)) from public.trainings;
select is(pg_temp.keep(), interval '30 days', 'a model alone changes nothing');
select is(pg_temp.choose('after_training'), interval '0', 'unless this was what was waited for');
select is(pg_temp.choose('P30D'), interval '30 days', 'and it can be taken back');

-- From the first portrait.
select submit(id), service.deliver_headshot(id, 896, 1120, 200000, repeat('b', 64), 20000, repeat('c', 64), now() + interval '2 days')
from (select id from public.generations limit 1) as first;
select is(pg_temp.keep(), interval '32 days', 'then 30 days from the first portrait');
select deliver_all(pg_temp.shoot());
select is(pg_temp.keep(), interval '32 days', 'and not from a later one');
select is(pg_temp.choose('P7D'), interval '9 days', 'or 7');
select is(pg_temp.choose('PT24H'), interval '3 days', 'or one');
select is((select count(*) from pg_temp.mails_of('anna')), 1::bigint, 'a choice of a day needs no mail');
select service.sweep_due(now() + interval '2 days');
select is((select count(*) from pg_temp.mails_of('anna')), 1::bigint, 'nor gets one');
select pg_temp.choose('P7D');
select service.sweep_due(now() + interval '7 days');
select is((select count(*) from pg_temp.mails_of('anna')), 2::bigint, 'a week does');
select act_as('bert');
update public.shoots set photo_retention = 'P30D';
reset role;
select is(photo_retention::text, 'P7D', 'nobody else chooses') from public.shoots where id = pg_temp.shoot();

-- What is due, in batches.
delete from private.jobs;
select is(service.expire_due(5, now() + interval '9 days'), 5, 'what is due is taken, a batch at a time');
select is(service.expire_due(100, now() + interval '9 days'), 7, 'then the rest');
select is(service.expire_due(100, now() + interval '9 days'), 0, 'and nothing twice');
select results_eq($$select bucket, sum(n)::integer from (select payload ->> 'bucket' as bucket, jsonb_array_length(payload -> 'keys') as n from private.jobs where kind = 'delete_objects') x group by 1$$,
	$$values ('photos', 12)$$, 'their files are to be deleted');
select is(pg_temp.live(), 0::bigint, 'at once nobody sees them');
select isnt_empty($$select from public.photos where shoot_id = pg_temp.shoot()$$, 'the rows wait for the files');
select service.objects_gone('photos', array_agg(storage_key), now() + interval '9 days') from public.photos where shoot_id = pg_temp.shoot();
select is_empty($$select from public.photos where shoot_id = pg_temp.shoot()$$, 'then they go');
select results_eq($$select bucket, objects, seen_gone_at from private.deletions$$, $$values ('photos', 12, now() + interval '9 days')$$, 'and the evidence stays');
select is((select count(*) from public.headshots), 20::bigint, 'the portraits stay');
select is(service.expire_due(100, now() + interval '10 days'), 0, 'and are never due');

-- A model, from its last use.
create function pg_temp.model() returns interval language sql as $$ select keep_until - now() from public.loras where shoot_id = pg_temp.shoot() $$;
select is(pg_temp.model(), interval '30 days', 'a model is kept for 30 days from its last use');
select act_as('anna');
update public.loras set extensions = extensions + 1;
reset role;
select is(pg_temp.model(), interval '37 days', '7 days more');
select act_as('anna');
select throws_ok($$update public.loras set extensions = 4$$, 'PT409', 'This model cannot be kept any longer without being used.', 'one step at a time');
update public.loras set extensions = extensions + 1;
update public.loras set extensions = extensions + 1;
update public.loras set extensions = extensions + 1;
select throws_ok($$update public.loras set extensions = extensions + 1$$, 'PT409', null, 'and not for ever');
select throws_ok($$update public.loras set keep_until = 'infinity'$$, '42501', null, 'nor by any other way');
reset role;
select is(pg_temp.model(), interval '58 days', 'four times at most');
update public.loras set last_used_at = now() + interval '1 day';
select is(pg_temp.model(), interval '31 days', 'being used it begins anew');
select act_as('bert');
update public.loras set extensions = 1;
reset role;
select is(extensions, 0::smallint, 'nobody else extends it') from public.loras;
select service.sweep_due(now() + interval '28 days');
select service.sweep_due(now() + interval '29 days');
select is((select count(*) from pg_temp.mails_of('anna') m where m = 'model_leaving'), 1::bigint, 'three days before, one mail');
delete from private.jobs;
select is(service.expire_due(100, now() + interval '31 days'), 1, 'then it goes');
select results_eq($$select payload ->> 'bucket' from private.jobs where kind = 'delete_objects'$$, $$values ('loras')$$, 'its weights are deleted');
select service.objects_gone('loras', array_agg(storage_key)) from public.loras;
select isnt(deleted_at, null, 'its row stays, with the time') from public.loras;
select throws_like($$select service.plan_headshots(md5('anna')::uuid, pg_temp.shoot(), array['slate'], 1, gen_random_uuid())$$,
	'The private model of this shoot was deleted on %', 'and more portraits are refused, saying why');

-- Withdrawing: with the consent goes what it allowed.
select set_config('tests.shoot', generating('bert')::text, true);
select submit(id) from (select id from public.generations where shoot_id = pg_temp.shoot() limit 3) as few;
delete from private.jobs;
select act_as('bert');
update public.consent_records set withdrawn_at = now() where purpose = 'private_model';
reset role;
select is((select count(*) from public.generations where shoot_id = pg_temp.shoot() and status in ('queued', 'running')), 0::bigint, 'no portrait is made any more');
select is(balance('bert', 'headshot'), '20+0', 'its credits are back');
select isnt(deleted_at, null, 'the model is deleted') from public.loras where shoot_id = pg_temp.shoot();
select is((select count(*) from private.jobs where kind = 'forget_request'), 4::bigint, 'there as well, with what was made from it');
select is((select count(*) from private.jobs where kind = 'forget_request' and payload ->> 'running_at' = 'fal-ai/generator' and run_at = now()), 3::bigint, 'and what runs there is stopped');
select is(pg_temp.live(), 12::bigint, 'the photos stay: their consent stands');
select is((select count(*) from public.consent_records where owner_id = md5('bert')::uuid), 4::bigint, 'nothing of the history is lost');
select act_as('bert');
update public.consent_records set withdrawn_at = now() where purpose = 'photo_processing';
reset role;
select is(pg_temp.live(), 0::bigint, 'withdrawn in their turn, they go');

select set_config('tests.shoot', in_training('carl')::text, true);
select act_as('carl');
update public.consent_records set withdrawn_at = now() where purpose = 'photo_processing';
reset role;
select is(status::text || ' ' || failure, 'failed not_permitted', 'a training under way ends') from public.shoots where id = pg_temp.shoot();
select is(balance('carl', 'training'), '1+0', 'with its credit back');
select is(pg_temp.live(), 0::bigint, 'and its photos go');

-- A newer wording in an older one's place is no withdrawal.
select set_config('tests.shoot', in_training('dora')::text, true);
insert into public.consent_wordings (purpose, version, wording, published_at) values ('terms', '2026-11-20', 'New.', now());
insert into public.consent_records (owner_id, purpose, version) values (md5('dora')::uuid, 'terms', '2026-11-20');
select is(status::text, 'training', 'work goes on') from public.shoots where id = pg_temp.shoot();
delete from public.consent_records where version = '2026-11-20';
delete from public.consent_wordings where version = '2026-11-20';

-- Storage only.
select set_config('tests.shoot', generating('emil')::text, true);
select act_as('emil');
update public.profiles set restricted_at = '2000-01-01';
reset role;
select is(restricted_at, now(), 'a restriction begins now') from public.profiles where owner_id = md5('emil')::uuid;
select is((select count(*) from public.generations where shoot_id = pg_temp.shoot() and status in ('queued', 'running')), 0::bigint, 'what was under way ends');
select is(balance('emil', 'headshot'), '20+0', 'with its credits back');
select is(pg_temp.live(), 12::bigint, 'photos are stored');
select is((select count(*) from public.loras where shoot_id = pg_temp.shoot() and deleted_at is null), 1::bigint, 'the model, too');
select throws_ok($$select service.plan_headshots(md5('emil')::uuid, pg_temp.shoot(), array['slate'], 1, gen_random_uuid())$$,
	'PT409', 'You have switched the use of your data off.', 'nothing new is begun');
update public.generations set status = 'queued', finished_at = null, failure = null where shoot_id = pg_temp.shoot();
select is((select bool_or((service.begin_generation_submit(id) ->> 'isPermitted')::boolean) from public.generations where shoot_id = pg_temp.shoot()), false, 'nor sent');
update public.generations set status = 'failed', finished_at = now() where shoot_id = pg_temp.shoot();
select is(service.expire_due(100, now() + interval '1 year'), 0, 'nothing of theirs expires');
select is(pg_temp.live(), 12::bigint, 'what is only to be stored is stored');
select service.sweep_due(now() + interval '28 days');
select is_empty($$select pg_temp.mails_of('emil')$$, 'and nobody is told that it vanishes');
select act_as('emil');
update public.profiles set restricted_at = null;
reset role;
select is(restricted_at, null, 'it can be lifted') from public.profiles where owner_id = md5('emil')::uuid;
select is(service.expire_due(100, now() + interval '1 year'), 13, 'then time counts again');

-- Pruning.
select set_config('tests.draft', draft('anna')::text, true);
select service.open_order(md5('anna')::uuid, current_setting('tests.draft')::uuid);
insert into auth.sessions (id, user_id, created_at, updated_at) values (gen_random_uuid(), md5('anna')::uuid, now(), now());
update private.mails set sent_at = now();
select service.sweep_due(now() + interval '29 days');
select is((select count(*) from auth.sessions), 1::bigint, 'a session lives');
select service.sweep_due(now() + interval '31 days');
select is((select count(*) from auth.sessions), 0::bigint, 'for 30 days unused');
select service.sweep_due(now() + interval '89 days');
select is((select count(*) from public.orders where status = 'pending'), 1::bigint, 'an order never paid stays');
select isnt_empty($$select from private.mails where sent_at is not null$$, 'as do mails');
select service.sweep_due(now() + interval '91 days');
select is((select count(*) from public.orders where status = 'pending'), 0::bigint, 'for 90 days');
select is((select count(*) from public.orders where status = 'paid'), 5::bigint, 'what was paid stays');
select is_empty($$select from private.mails where sent_at is not null$$, 'both');
select act_as('anna');
select throws_ok($$select service.expire_due(1)$$, '42501', null, 'no person sweeps');
reset role;
select is((select count(*) from private.ledger_differences()), 0::bigint, 'the books balance');

select * from finish();
rollback;
