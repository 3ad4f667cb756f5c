begin;
set local search_path = extensions, tests, public;
select no_plan();

select person('anna'), person('bert');
select set_config('tests.shoot', draft('anna')::text, true);
create function pg_temp.photo(p_sha text, p_shoot uuid default current_setting('tests.shoot')::uuid) returns text language sql as $$
	insert into public.photos (shoot_id, sha256, content_type, bytes, width, height, file_name)
	values (p_shoot, p_sha, 'image/jpeg', 1000, 800, 1000, 'me.jpg') returning storage_key
$$;
grant execute on function pg_temp.photo to public;

-- As the owner.
select act_as('anna');
select throws_ok($$select pg_temp.photo(repeat('1', 64))$$, 'PT403', 'A consent that this step needs is missing.',
	'without the consents there are no photos');
reset role;
select consent('anna');
update public.consent_records set withdrawn_at = now() where purpose = 'private_model';
select act_as('anna');
select throws_ok($$select pg_temp.photo(repeat('1', 64))$$, 'PT403', null, 'nor without the one for the private model');
insert into public.consent_records (purpose, version) values ('private_model', '2026-11-01');
select throws_ok($$select pg_temp.photo(repeat('1', 64))$$, 'PT409', 'Photos cannot be added to this shoot now.', 'nor before it is paid');
select is_empty($$select from public.photos$$, 'after the refusals there is none');
reset role;
update public.shoots set status = 'paid' where id = current_setting('tests.shoot')::uuid;
select act_as('anna');
select set_config('tests.key', pg_temp.photo(repeat('1', 64)), true);
select is(storage_key, format('%s/%s/%s.jpg', md5('anna')::uuid, current_setting('tests.shoot'), id), 'a photo gets its key from the server')
from public.photos;
select is(keep_until, now() + interval '30 days', 'and its end') from public.photos;
select throws_ok($$select pg_temp.photo(repeat('1', 64))$$, '23505', null, 'the same picture once');
select throws_ok($$select pg_temp.photo('x')$$, '23514', null, 'a hash is a hash');
select throws_ok($$insert into public.photos (shoot_id, sha256, content_type, bytes, width, height)
	select id, repeat('2', 64), 'image/svg+xml', 1000, 800, 1000 from public.shoots$$, '23514', null, 'no SVG');
select throws_ok($$insert into public.photos (shoot_id, sha256, content_type, bytes, width, height)
	select id, repeat('2', 64), 'image/png', 60000000, 800, 1000 from public.shoots$$, '23514', null, 'no 60 MB');
select throws_ok($$insert into public.photos (shoot_id, sha256, content_type, bytes, width, height)
	select id, repeat('2', 64), 'image/png', 0, 800, 1000 from public.shoots$$, '23514', null, 'no 0 bytes');
select throws_ok($$insert into public.photos (shoot_id, sha256, content_type, bytes, width, height)
	select id, repeat('2', 64), 'image/png', 1000, 30000, 30000 from public.shoots$$, '23514', null, 'no 30,000 x 30,000');
select throws_ok($$insert into public.photos (shoot_id, sha256, content_type, bytes, width, height, storage_key)
	select id, repeat('2', 64), 'image/png', 1000, 800, 800, 'x' from public.shoots$$, '42501', 'permission denied for table photos', 'no key of one''s own');
select throws_ok($$update public.photos set keep_until = '2999-01-01'$$, '42501', 'permission denied for table photos', 'no longer keeping');
select throws_ok($$update public.photos set sealed_at = now()$$, '42501', 'permission denied for table photos', 'no sealing by hand');
select throws_ok($$update public.photos set uploaded_at = now()$$, '42501', 'permission denied for table photos', 'nobody says for themselves that it is there');
select is(uploaded_at, null, 'after the refusals it is still to come') from public.photos;
reset role;
select service.record_upload(owner_id, id) from public.photos;
select act_as('anna');
select is(uploaded_at, now(), 'the server does, which has looked') from public.photos;

-- As a stranger.
select act_as('bert');
select is_empty($$select from public.photos$$, 'a stranger sees no photo');
update public.photos set deleted_at = now();
select throws_ok($$select pg_temp.photo(repeat('3', 64), current_setting('tests.shoot')::uuid)$$, 'PT404', 'There is no such shoot.',
	'and adds none to another''s shoot');
-- Anonymous.
select act_as_role('anon');
select throws_ok($$select from public.photos$$, '42501', 'permission denied for table photos', 'anon reaches none');
reset role;
select is((select count(*) from public.photos where deleted_at is null), 1::bigint, 'it is still there, alone');

-- Deleting one.
select act_as('anna');
select isnt_empty($$update public.photos set deleted_at = '2020-01-01' returning deleted_at$$, 'a photo can be deleted');
reset role;
select is(deleted_at, now(), 'now') from public.photos;
select results_eq($$select payload from private.jobs where kind = 'delete_objects'$$,
	$$select jsonb_build_object('bucket', 'photos', 'keys', array[current_setting('tests.key')])$$, 'and its file will be');
select service.objects_gone('photos', array[current_setting('tests.key')]);
select is_empty($$select from public.photos$$, 'when that is done its row goes, too');

-- At most twenty.
select upload(current_setting('tests.shoot')::uuid, 20);
select act_as('anna');
select throws_ok($$select pg_temp.photo(repeat('4', 64))$$, 'PT409', 'This shoot takes at most 20 photos.', 'the twenty-first is refused');
reset role;
select is((select count(*) from public.photos), 20::bigint, 'there are twenty');

-- To be sealed: by the service role.
select act_as_role('service_role');
select is((select count(*) from service.photos_to_seal(md5('anna')::uuid, current_setting('tests.shoot')::uuid)), 20::bigint,
	'the server sees what is to be sealed');
select throws_ok($$select service.photos_to_seal(md5('bert')::uuid, current_setting('tests.shoot')::uuid)$$, 'PT404',
	'There is no such shoot.', 'of the owner only');
reset role;
select throws_ok($$select service.reject_photos(md5('bert')::uuid, current_setting('tests.shoot')::uuid, array_agg(id)) from public.photos$$, 'PT404',
	'There is no such shoot.', 'a stranger rejects nothing');
select is((select count(*) from public.photos where deleted_at is null), 20::bigint, 'a stranger''s rejection rejects nothing');
select service.reject_photos(md5('anna')::uuid, current_setting('tests.shoot')::uuid, (select array_agg(id) from (select id from public.photos limit 11) x));
select throws_ok($$select service.photos_to_seal(md5('anna')::uuid, current_setting('tests.shoot')::uuid)$$, 'PT422',
	'This shoot needs 10 to 20 photos; there are 9.', 'nine are too few');
select is((select count(*) from private.jobs where kind = 'delete_objects'), 2::bigint, 'the files of the rejected are deleted, all by one job');
insert into public.photos (owner_id, shoot_id, sha256, content_type, bytes, width, height)
values (md5('anna')::uuid, current_setting('tests.shoot')::uuid, repeat('5', 64), 'image/webp', 10, 10, 10);
select throws_ok($$select service.photos_to_seal(md5('anna')::uuid, current_setting('tests.shoot')::uuid)$$, 'PT422',
	'Some photos have not arrived yet.', 'a photo on its way is waited for');
select act_as('anna');
select throws_ok($$select service.photos_to_seal(md5('anna')::uuid, current_setting('tests.shoot')::uuid)$$, '42501',
	'permission denied for schema service', 'a person cannot call the server''s functions');
reset role;

select * from finish();
rollback;
