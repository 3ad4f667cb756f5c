begin;
set local search_path = extensions, tests, public;
select no_plan();

select consent('bert');
create temporary table shoots_of_anna as select * from busy('anna');
insert into auth.audit_log_entries (id, payload) values (gen_random_uuid(), jsonb_build_object('actor_id', md5('bert')::uuid));
create temporary table request as select service.request_erasure(md5('anna')::uuid, 'account') as id;

select throws_ok($$update private.erasure_steps set state = 'done', done_at = now() where kind = 'files'$$, '23514', null, 'nothing is done without evidence');
select throws_ok(format($$select service.complete_erasure_step(%L, 'provider', '{}')$$, id), 'P0001', 'a request has not been forgotten yet', 'nor a provider while a request is left') from request;
select service.record_forgotten(request_id, '{"status": 404}') from private.provider_requests where owner_id = md5('anna')::uuid and forgotten_at is null;
select ok(service.complete_erasure_step(id, 'provider', '{"processor": "fal"}'), 'with all answers it is done') from request;
select is(evidence, '{"processor": "fal", "requests": 22, "answers": {"200": 20, "404": 2}, "files": 20}', 'which are counted') from private.erasure_steps where kind = 'provider';
select is_empty($$select from private.provider_requests where owner_id = md5('anna')::uuid$$, 'and gone');
select ok(not service.complete_erasure_step(id, 'provider', '{"processor": "another"}'), 'evidence is noted once') from request;
select service.record_erasure_customer(id, 'cus_late') from request, generate_series(1, 2);
select is(jsonb_path_query_array(plan, '$.customerIds[*] ? (@ == "cus_late")'), '["cus_late"]', 'a customer heard of late goes with the others, once') from private.erasure_steps where kind = 'stripe';
select is((plan ->> 'lastPaidAt')::timestamptz, now(), 'and its payment may be of today') from private.erasure_steps where kind = 'stripe';
select service.note_erasure_trouble(id, 'files', 'storage is away') from request;
select is(attempts || last_error, '1storage is away', 'a failed try is noted') from private.erasure_steps where kind = 'files';
select service.complete_erasure_step(id, kind, '{}') from request, unnest(array['checkout', 'files', 'refund', 'stripe', 'tombstone', 'sign_in']) as kind;
select is_empty($$select from auth.audit_log_entries where payload::text like '%' || md5('anna')::uuid || '%'$$, 'Auth''s own log forgets her');
select isnt_empty($$select from auth.audit_log_entries where payload::text like '%' || md5('bert')::uuid || '%'$$, 'and nobody else');
select is_empty($$select from private.erasure_steps where plan is not null$$, 'what was only needed for the steps is gone');

select * from finish();
rollback;
