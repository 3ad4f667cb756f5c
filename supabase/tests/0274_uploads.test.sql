begin;
set local search_path = extensions, tests, public;
select no_plan();

select consent('anna'), consent('bert');
select set_config('tests.shoot', paid('anna')::text, true);
insert into public.photos (owner_id, shoot_id, sha256, content_type, bytes, width, height)
select md5('anna')::uuid, current_setting('tests.shoot')::uuid, repeat(n::text, 64), 'image/jpeg', 1000, 800, 800
from generate_series(1, 3) n;
create function pg_temp.photo(p_n integer) returns public.photos language sql as $$
	select p from public.photos p where sha256 = repeat(p_n::text, 64)
$$;
select set_config('tests.one', (pg_temp.photo(1)).id::text, true), set_config('tests.two', (pg_temp.photo(2)).id::text, true);
grant execute on function pg_temp.photo to public;

-- Giving out an address.
select act_as_role('service_role');
select lives_ok(format($$select service.note_upload_url(md5('anna')::uuid, %L, '2026-11-25 10:00Z')$$, current_setting('tests.one')), 'an address for one''s own photo');
select lives_ok(format($$select service.note_upload_url(md5('anna')::uuid, %L, '2026-11-25 10:01Z')$$, current_setting('tests.one')), 'and another');
select throws_ok(format($$select service.note_upload_url(md5('bert')::uuid, %L, now())$$, current_setting('tests.one')), 'PT404', 'This photo is no longer here.', 'none for another''s');
reset role;
select results_eq($$select storage_key, ends_at from private.upload_urls$$,
	$$select (pg_temp.photo(1)).storage_key, '2026-11-25 10:01Z'::timestamptz$$, 'the later end counts');

-- Arriving.
select act_as_role('service_role');
select throws_ok(format($$select service.record_upload(md5('bert')::uuid, %L)$$, current_setting('tests.one')), 'PT404', 'This photo is no longer here.', 'another''s photo does not arrive');
select service.record_upload(md5('anna')::uuid, current_setting('tests.one')::uuid, '2026-11-25 10:00:30Z');
select service.record_upload(md5('anna')::uuid, current_setting('tests.one')::uuid, '2026-11-25 11:00Z');
select throws_ok(format($$select service.note_upload_url(md5('anna')::uuid, %L, now())$$, current_setting('tests.one')), 'PT409', 'This photo is here already.', 'no address for what has arrived');
reset role;
select results_eq($$select sha256, uploaded_at from public.photos where uploaded_at is not null$$,
	$$values (repeat('1', 64)::public.sha256, '2026-11-25 10:00:30Z'::timestamptz)$$, 'it arrives once, and nothing else does');

-- What comes too late.
select service.note_upload_url(md5('anna')::uuid, current_setting('tests.two')::uuid, '2026-11-25 10:01Z');
update public.photos set deleted_at = now() where id = current_setting('tests.two')::uuid;
select throws_ok(format($$select service.note_upload_url(md5('anna')::uuid, %L, now())$$, current_setting('tests.two')), 'PT404', 'This photo is no longer here.', 'no address for what was deleted');
delete from private.jobs;
select private.end_uploads('2026-11-25 10:04Z');
select is((select count(*) from private.upload_urls), 2::bigint, 'an upload may be under way for a while');
select private.end_uploads('2026-11-25 10:05Z');
select is_empty($$select from private.upload_urls$$, 'then they have ended');
select results_eq($$select payload from private.jobs where kind = 'delete_objects'$$,
	$$select jsonb_build_object('bucket', 'photos', 'keys', array[(pg_temp.photo(2)).storage_key])$$, 'and of the deleted photo the file is deleted once more, of no other');

-- An erasure waits for what the store would not refuse, and the note goes with its person.
select service.note_upload_url(md5('anna')::uuid, (pg_temp.photo(3)).id, '2026-11-25 12:00Z');
select set_config('tests.erasure', service.request_erasure(md5('anna')::uuid, 'account', null, false, 'person')::text, true);
select is((select plan ->> 'waitUntil' from private.erasure_steps where kind = 'files')::timestamptz, '2026-11-25 12:04Z'::timestamptz, 'it says until when');
select is_empty($$select from private.upload_urls$$, 'the note is gone');

-- As the owner, a stranger, anon: over the functions only.
select act_as('bert');
select throws_ok($$select from private.upload_urls$$, '42501', 'permission denied for schema private', 'nobody reads the notes');
select throws_ok($$select service.record_upload(md5('bert')::uuid, gen_random_uuid())$$, '42501', 'permission denied for schema service', 'or says for themselves what has arrived');
select throws_ok($$update public.photos set uploaded_at = now()$$, '42501', 'permission denied for table photos', 'not by hand either');
select act_as_role('anon');
select throws_ok($$select from private.upload_urls$$, '42501', 'permission denied for schema private', 'nor does anon');
reset role;

select * from finish();
rollback;
