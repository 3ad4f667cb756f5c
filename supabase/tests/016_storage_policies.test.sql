begin;
set local search_path = extensions, tests, public;
select no_plan();

select results_eq($$select id, public, file_size_limit, allowed_mime_types from storage.buckets where id in ('photos', 'datasets', 'loras', 'headshots') order by id$$,
	$$values ('datasets', false, 200000000::bigint, array['application/zip']),
		('headshots', false, 25000000::bigint, array['image/jpeg', 'image/png', 'image/webp']),
		('loras', false, 1000000000::bigint, array['application/octet-stream']),
		('photos', false, 5000000::bigint, array['image/jpeg', 'image/png', 'image/webp'])$$, 'four buckets, all private, each with its limits');
select is((select array_agg(policyname || ' ' || cmd || ' ' || roles::text order by policyname) from pg_policies where schemaname = 'storage' and tablename = 'objects'),
	array['headshots_select_own SELECT {authenticated}', 'photos_insert_named INSERT {authenticated}', 'photos_select_own SELECT {authenticated}'],
	'three policies, and no more');

select consent('anna'), consent('bert');
select set_config('tests.shoot', paid('anna')::text, true), set_config('tests.berts', paid('bert')::text, true);
select upload(current_setting('tests.berts')::uuid, 1);
insert into public.photos (owner_id, shoot_id, sha256, content_type, bytes, width, height)
values (md5('anna')::uuid, current_setting('tests.shoot')::uuid, repeat('1', 64), 'image/jpeg', 5, 5, 5);
select set_config('tests.key', storage_key, true) from public.photos where owner_id = md5('anna')::uuid;
select set_config('tests.berts_key', storage_key, true) from public.photos where owner_id = md5('bert')::uuid;
create function pg_temp.put(p_bucket text, p_name text) returns void language sql as $$
	insert into storage.objects (bucket_id, name, metadata) values (p_bucket, p_name, '{"size": 5}')
$$;
grant execute on function pg_temp.put to public;

-- As the owner.
select act_as('anna');
select throws_ok($$select pg_temp.put('photos', md5('anna')::uuid || '/' || current_setting('tests.shoot') || '/mine.jpg')$$, '42501', null, 'no file without a row, also in one''s own folder');
select throws_ok($$select pg_temp.put('headshots', current_setting('tests.key'))$$, '42501', null, 'none in another bucket');
select throws_ok($$select pg_temp.put('datasets', 'x.zip')$$, '42501', null, 'or any other');
select throws_ok($$select pg_temp.put('photos', current_setting('tests.berts_key'))$$, '42501', null, 'none where another''s row says');
select lives_ok($$select pg_temp.put('photos', current_setting('tests.key'))$$, 'one''s own row names one file');
select results_eq($$select name from storage.objects$$, $$select current_setting('tests.key')$$, 'a person sees that one');
update storage.objects set metadata = '{"size": 6}';
select results_eq($$select metadata from storage.objects$$, $$values ('{"size": 5}'::jsonb)$$, 'and cannot change it');
reset role;
update public.photos set uploaded_at = now() where owner_id = md5('anna')::uuid;
-- As a stranger, anonymous.
select act_as('bert');
select is((select count(*) from storage.objects where name = current_setting('tests.key')), 0::bigint, 'a stranger does not see it');
select act_as_role('anon');
select is_empty($$select from storage.objects$$, 'anon sees no file');
select throws_ok($$select pg_temp.put('photos', current_setting('tests.key') || 'x')$$, '42501', null, 'and puts none');
reset role;
select is((select count(*) from storage.objects), 2::bigint, 'there are the two');

-- Deleted, sealed, delivered.
delete from private.jobs;
select act_as('anna');
update public.photos set deleted_at = now();
select is_empty($$select from storage.objects$$, 'a deleted photo cannot be read, though its file is still there');
reset role;
select is((select count(*) from storage.objects where name = current_setting('tests.key')), 1::bigint, 'it is');
select throws_ok($$select pg_temp.put('photos', current_setting('tests.key'))$$, '42501', 'This photo was not announced, or has been deleted.', 'nobody puts it again, whoever signed for it');
select throws_ok($$select pg_temp.put('photos', md5('bert')::uuid || '/' || current_setting('tests.berts') || '/x.jpg')$$, '42501', null, 'nor one that no row names');

select set_config('tests.shoot', generating('anna')::text, true);
select submit(id), deliver(id) from (select id from public.generations limit 1) as one;
insert into storage.objects (bucket_id, name) select 'headshots', unnest(array[storage_key, thumbnail_key]) from public.headshots;
insert into storage.objects (bucket_id, name) values ('loras', md5('anna')::uuid || '/x/y.safetensors');
select act_as('anna');
select is((select count(*) from storage.objects where bucket_id = 'headshots'), 2::bigint, 'a portrait and its thumbnail can be read');
select is_empty($$select from storage.objects where bucket_id in ('loras', 'datasets')$$, 'weights and datasets cannot');
update public.headshots set deleted_at = now();
select is_empty($$select from storage.objects where bucket_id = 'headshots'$$, 'nor a deleted portrait');
select act_as('bert');
select is_empty($$select from storage.objects where bucket_id = 'headshots'$$, 'nor another''s');
reset role;

select * from finish();
rollback;
