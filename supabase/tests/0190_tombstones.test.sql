begin;
set local search_path = extensions, tests, public;
select no_plan();

select consent('bert');
create temporary table shoots_of_anna as select * from busy('anna');
create temporary table request as select service.request_erasure(md5('anna')::uuid, 'account') as id;

-- Late: nothing finds anything to write to.
select throws_ok(format($$insert into storage.objects (bucket_id, name) values ('headshots', '%s/%s/late.jpg')$$, md5('anna')::uuid, gen_random_uuid()),
	'42501', 'What this file belongs to has been erased.', 'an upload that was signed before stores nothing');
select lives_ok(format($$insert into storage.objects (bucket_id, name) values ('headshots', '%s/%s/late.jpg')$$, md5('bert')::uuid, gen_random_uuid()), 'others'' uploads go on');
select throws_ok($$update private.tombstones set hash = repeat('a', 64)$$, '42501', 'A tombstone stays.', 'tombstones are not changed');
select throws_ok($$delete from private.tombstones$$, '42501', 'A tombstone stays.', 'nor taken away');
select is(hash::text, private.tombstone_of(md5('anna')::uuid::text), 'one says that she was here, and not who she was') from private.tombstones where kind = 'account';

-- Of a shoot.
select generating('bert');
create temporary table one as select id from public.shoots where owner_id = md5('bert')::uuid;
select service.request_erasure(md5('bert')::uuid, 'shoot', id) from one;
select throws_ok(format($$insert into storage.objects (bucket_id, name) values ('loras', '%s/%s/%s.safetensors')$$, md5('bert')::uuid, id, gen_random_uuid()), '42501', null, 'late weights are not stored') from one;

select service.record_forgotten(request_id, '{"status": 404}') from private.provider_requests where owner_id = md5('anna')::uuid and forgotten_at is null;
select service.complete_erasure_step(id, kind, '{}') from request, unnest(array['provider', 'checkout', 'files', 'refund', 'stripe', 'tombstone', 'sign_in']) as kind;
select service.issue_receipt(id, 'active_erased', 'a.b.c', now()) from request;
delete from auth.users where id = md5('anna')::uuid;
-- A restore brings her back.
select person('anna'), consent('anna'), draft('anna');
select is(service.replay_tombstones(jsonb_build_array(jsonb_build_object('kind', 'account', 'hash', private.tombstone_of(md5('anna')::uuid::text)))), 1, 'what a restore brings back is erased again');
select is(private.rows_of(md5('anna')::uuid), '{}', 'at once');
select is(address, null, 'without a mail') from private.erasures where origin = 'restore';
select is((select count(*) from public.profiles where owner_id = md5('bert')::uuid), 1::bigint, 'others stay');

select * from finish();
rollback;
