begin;
set local search_path = extensions, tests, public;
select no_plan();

select consent('anna'), consent('bert');
select set_config('tests.shoot', paid('anna')::text, true);
select upload(current_setting('tests.shoot')::uuid, 12);
create function pg_temp.seal(p_ids uuid[] default null) returns uuid language sql as $$
	select service.seal_photos(md5('anna')::uuid, current_setting('tests.shoot')::uuid, p_ids)
$$;

-- Sealing.
select throws_ok($$select service.seal_photos(md5('bert')::uuid, current_setting('tests.shoot')::uuid)$$, 'PT404', 'There is no such shoot.', 'not another''s shoot');
select throws_ok($$select pg_temp.seal((select array_agg(id) from (select id from public.photos limit 11) x))$$, 'PT409', 'The photos have changed meanwhile.',
	'nothing is sealed that was not examined');
update public.consent_records set withdrawn_at = now() where owner_id = md5('anna')::uuid and purpose = 'private_model';
select throws_ok($$select pg_temp.seal()$$, 'PT403', null, 'not without the consent to a private model');
insert into public.consent_records (owner_id, purpose, version) values (md5('anna')::uuid, 'private_model', '2026-11-01');
select is((select count(*) from public.photos where sealed_at is not null or file_name is null), 0::bigint, 'after the refusals nothing is sealed');
select is(balance('anna', 'training'), '1+0', 'and nothing is held');
select set_config('tests.training', pg_temp.seal((select array_agg(id) from public.photos))::text, true);
select is(balance('anna', 'training'), '0+1', 'sealing holds the training credit');
select is((select count(*) from public.photos where sealed_at is not null and file_name is null), 12::bigint, 'seals every photo and forgets its file name');
select is(status::text, 'training', 'the shoot is in training') from public.shoots where id = current_setting('tests.shoot')::uuid;
select is(pg_temp.seal(), current_setting('tests.training')::uuid, 'a second click gets the same training');
select is((select count(*) from public.trainings), 1::bigint, 'there is one');
select is_empty($$select service.photos_to_seal(md5('anna')::uuid, current_setting('tests.shoot')::uuid)$$, 'and nothing left to examine');
select results_eq($$select payload from private.jobs where kind = 'start_training'$$,
	$$select jsonb_build_object('training_id', current_setting('tests.training'))$$, 'with its job');

-- Sealed photos.
select act_as('anna');
select throws_ok($$update public.photos set deleted_at = now()$$, 'PT409', 'This photo is being learned from.', 'a sealed photo stays while it is learned from');
select throws_ok($$insert into public.photos (shoot_id, sha256, content_type, bytes, width, height)
	values (current_setting('tests.shoot')::uuid, repeat('9', 64), 'image/jpeg', 1, 1, 1)$$, 'PT409', null, 'and none is added');
reset role;
select is((select count(*) from public.photos where deleted_at is null), 12::bigint, 'there are the twelve');

-- The work, as domain/training.ts has it.
select set_config('tests.work', service.training_work(current_setting('tests.training')::uuid)::text, true);
select is((select array_agg(key order by key) from jsonb_object_keys(current_setting('tests.work')::jsonb) as key),
	array['datasetKey', 'id', 'isPermitted', 'loraKey', 'ownerId', 'photos', 'request', 'shootId', 'status', 'submittedAt', 'triggerPhrase'],
	'a training''s work has these fields');
select is(current_setting('tests.work')::jsonb ->> 'datasetKey', format('%s/%s/%s.zip', md5('anna')::uuid, current_setting('tests.shoot'), current_setting('tests.training')), 'its dataset has this key');
select is(jsonb_array_length(current_setting('tests.work')::jsonb -> 'photos'), 12, 'and twelve photos');
select is((current_setting('tests.work')::jsonb ->> 'isPermitted')::boolean, true, 'it is permitted');
-- Without what follows a withdrawal, which is the retention chapter's.
alter table public.consent_records disable trigger consent_records_are_followed;
update public.consent_records set withdrawn_at = now() where owner_id = md5('anna')::uuid and purpose = 'photo_processing';
alter table public.consent_records enable trigger consent_records_are_followed;
select is((service.training_work(current_setting('tests.training')::uuid) ->> 'isPermitted')::boolean, false, 'unless a consent is withdrawn');
select throws_ok($$select service.training_work(gen_random_uuid())$$, 'PT404', 'There is no such training.', 'an unknown one is not there');

-- Submitted at most once.
select ok(not service.begin_training_submit(current_setting('tests.training')::uuid), 'nobody may submit what is not permitted');
insert into public.consent_records (owner_id, purpose, version) values (md5('anna')::uuid, 'photo_processing', '2026-11-25');
select ok(service.begin_training_submit(current_setting('tests.training')::uuid), 'one may submit');
select ok(not service.begin_training_submit(current_setting('tests.training')::uuid), 'and no second one');
select service.clear_training_submit(current_setting('tests.training')::uuid);
select ok(service.begin_training_submit(current_setting('tests.training')::uuid), 'after a submit that was not accepted, one may again');
create function pg_temp.record(p_request text) returns boolean language sql as $$
	select service.record_training_request(current_setting('tests.training')::uuid, 'fal-ai/t', p_request, 'https://q/s', 'https://q/r', 'https://q/c')
$$;
select ok(pg_temp.record('r1'), 'the accepted request is noted');
select ok(pg_temp.record('r1'), 'also when told twice');
select ok(not pg_temp.record('r2'), 'a second request is not the training''s');
select results_eq($$select payload ->> 'request_id' from private.jobs where kind = 'forget_request'$$, $$values ('r2')$$, 'and is forgotten at the provider');
select service.clear_training_submit(current_setting('tests.training')::uuid);
select is(status::text, 'running', 'what was accepted is not cleared') from public.trainings;
select is(service.training_work(current_setting('tests.training')::uuid) -> 'request',
	'{"endpoint": "fal-ai/t", "requestId": "r1", "statusUrl": "https://q/s", "responseUrl": "https://q/r", "cancelUrl": "https://q/c"}'::jsonb, 'the work names its request');
select service.note_training_progress(current_setting('tests.training')::uuid, 3, null);
select service.note_training_progress(current_setting('tests.training')::uuid, null, 40);
select service.note_training_progress(current_setting('tests.training')::uuid, null, 30);
select results_eq($$select queue_position, progress_percent from public.trainings$$, $$values (null::integer, 40)$$, 'progress goes forward');

-- As owner, stranger, anonymous.
select act_as('anna');
select results_eq($$select status::text, progress_percent from public.trainings$$, $$values ('running', 40)$$, 'a person watches their training');
select throws_ok($$select trigger_phrase from public.trainings$$, '42501', 'permission denied for table trainings', 'not the phrase');
select throws_ok($$update public.trainings set status = 'succeeded'$$, '42501', 'permission denied for table trainings', 'and ends it not by writing');
select act_as('bert');
select is_empty($$select status from public.trainings$$, 'a stranger sees none');
select act_as_role('anon');
select throws_ok($$select status from public.trainings$$, '42501', 'permission denied for table trainings', 'nor anon');
reset role;

-- It fails, and goes on with the same photos.
select ok(service.fail_training(current_setting('tests.training')::uuid, 'no_face'), 'it may fail');
select ok(not service.fail_training(current_setting('tests.training')::uuid, 'no_face'), 'once');
select is(balance('anna', 'training'), '1+0', 'then its credit is back');
select results_eq($$select status::text, failure from public.shoots where id = current_setting('tests.shoot')::uuid$$, $$values ('failed', 'no_face')$$, 'the shoot says why');
select results_eq($$select template, data ->> 'failure' from private.mails where template = 'training_failed'$$, $$values ('training_failed', 'no_face')$$, 'and a mail');
select results_eq($$select payload ->> 'bucket', payload -> 'keys' ->> 0 from private.jobs where kind = 'delete_objects' order by 1$$,
	$$select * from (values ('datasets', current_setting('tests.work')::jsonb ->> 'datasetKey'), ('loras', current_setting('tests.work')::jsonb ->> 'loraKey')) as v$$,
	'the dataset is deleted, and weights that a worker may have stored before it died');
delete from private.jobs where kind = 'delete_objects';
select ok(not service.begin_training_submit(current_setting('tests.training')::uuid), 'a worker that comes late may not submit');
select results_eq($$select payload -> 'keys' ->> 0 from private.jobs where kind = 'delete_objects'$$, $$select current_setting('tests.work')::jsonb ->> 'datasetKey'$$,
	'and the dataset that it has just made is deleted again');
select ok(exists (select from private.jobs where key = 'forget_request:r1'), 'the provider forgets');
select ok(not service.record_lora(current_setting('tests.training')::uuid, 1, repeat('a', 64)), 'late weights change nothing');
select ok(exists (select from private.jobs where key like 'delete_objects:loras:%'), 'and are deleted');
select ok(not pg_temp.record('r3'), 'a late request is forgotten');
select is_empty($$select from public.loras$$, 'there is no lora');

select act_as('anna');
update public.photos set deleted_at = now() where id = (select id from public.photos limit 1);
select is((select count(*) from public.photos where deleted_at is null), 11::bigint, 'after a failure photos can be taken out');
reset role;
select set_config('tests.training', pg_temp.seal()::text, true);
select is((select count(*) from public.trainings), 2::bigint, 'starting again is another training');
select is(balance('anna', 'training'), '0+1', 'with another hold');
select service.begin_training_submit(current_setting('tests.training')::uuid), pg_temp.record('r4');

-- It succeeds, and plans the pack.
select ok(service.record_lora(current_setting('tests.training')::uuid, 180000000, repeat('a', 64)), 'the weights are home');
select ok(not service.record_lora(current_setting('tests.training')::uuid, 180000000, repeat('a', 64)), 'once');
select is(balance('anna', 'training') || ' ' || balance('anna', 'headshot'), '0+0 0+20', 'the training is spent, the pack is held');
select is((select count(*) from public.generations where status = 'queued' and shoot_id = current_setting('tests.shoot')::uuid), 20::bigint, 'twenty portraits are planned');
select is((select count(distinct seed) from public.generations), 20::bigint, 'each with its seed');
select is_empty($$select from public.generations g join public.loras l on l.id = g.lora_id where position(l.trigger_phrase in g.prompt) <> 1$$, 'each calls the person up');
select is((select count(*) from private.jobs where kind = 'submit_generation'), 20::bigint, 'each with its job');
select results_eq($$select status::text, portraits_planned from public.shoots where id = current_setting('tests.shoot')::uuid$$, $$values ('generating', 20)$$, 'the shoot is generating');
select ok(not service.fail_training(current_setting('tests.training')::uuid, 'lost'), 'a late failure changes nothing');
select throws_ok($$select pg_temp.seal()$$, 'PT409', 'This shoot cannot be started now.', 'there is no second training of a shoot');
select act_as('anna');
select is((select count(base_family) from public.loras), 1::bigint, 'a person sees that there is a model of them');
select throws_ok($$select storage_key from public.loras$$, '42501', 'permission denied for table loras', 'but not where');
update public.photos set deleted_at = now();
select is_empty($$select from public.photos where deleted_at is null$$, 'the selfies can go now');
select act_as('bert');
select is_empty($$select base_family from public.loras$$, 'a stranger sees no model');
reset role;

select is((select count(*) from private.ledger_differences()), 0::bigint, 'the books balance');

-- Instant: sealed without a training.
select consent('ines');
select set_config('tests.instant', paid('ines', 'essential', 'instant')::text, true);
select throws_ok($$select service.seal_photos(md5('ines')::uuid, current_setting('tests.instant')::uuid)$$, 'PT422',
	'This shoot needs 1 to 5 photos; there are 0.', 'not without a photo');
select upload(current_setting('tests.instant')::uuid, 5);
select throws_ok($$select upload(current_setting('tests.instant')::uuid, 1)$$, 'PT409', 'This shoot takes at most 5 photos.', 'five are enough');
select act_as('ines');
update public.consent_records set withdrawn_at = now() where purpose = 'private_model';
reset role;
select is(service.seal_photos(md5('ines')::uuid, current_setting('tests.instant')::uuid), null, 'sealing plans no training, and needs no consent to one');
select results_eq($$select status::text, portraits_planned from public.shoots where id = current_setting('tests.instant')::uuid$$,
	$$values ('generating', 20)$$, 'the portraits are planned at once');
select results_eq($$select unit::text, available, held from public.credit_balances where owner_id = md5('ines')::uuid order by unit::text desc$$,
	$$values ('training', 1, 0), ('headshot', 0, 20)$$, 'and only their credits are held');
select is(service.seal_photos(md5('ines')::uuid, current_setting('tests.instant')::uuid), null, 'a second click plans nothing');
select is(count(*), 20::bigint) from public.generations
where shoot_id = current_setting('tests.instant')::uuid and engine = 'instant' and lora_id is null
	and position('The person in these photos' in prompt) = 1;
select throws_ok($$insert into public.trainings (owner_id, shoot_id, hold_id)
	select owner_id, shoot_id, id from public.credit_holds where shoot_id = current_setting('tests.instant')::uuid$$,
	'23503', null, 'no private model can be made for an instant shoot');
select throws_ok($$insert into public.trainings (owner_id, shoot_id, hold_id, engine)
	select owner_id, shoot_id, id, 'instant' from public.credit_holds where shoot_id = current_setting('tests.instant')::uuid$$,
	'23514', null, 'under whatever name');
select is_empty($$select from public.loras where owner_id = md5('ines')::uuid$$, 'and there is none');

select * from finish();
rollback;
