begin;
set local search_path = extensions, tests, public;
select no_plan();

select person('anna');
insert into private.provider_requests (request_id, endpoint, status_url, response_url, cancel_url, owner_id, shoot_id, training_id)
values ('r4', 'fal-ai/trainer', 'https://q/s', 'https://q/r', 'https://q/c', md5('anna')::uuid, gen_random_uuid(), gen_random_uuid());
select results_eq($$select private.request_as_json('r4') ->> 'endpoint', private.request_as_json('r4') ->> 'cancelUrl'$$,
	$$values ('fal-ai/trainer', 'https://q/c')$$, 'what a provider accepted is known by its id');
select results_eq($$select private.url_from('https://q/r', url) from unnest(array['https://q/r/status', 'https://q/r2', 'https://other/r/cancel']) as url$$,
	$$values ('/status'), ('https://q/r2'), ('https://other/r/cancel')$$, 'of an address only what differs is kept');
update private.provider_requests set status_url = private.url_from(response_url, 'https://q/r/status');
select is(private.request_as_json('r4'), '{"endpoint": "fal-ai/trainer", "requestId": "r4", "statusUrl": "https://q/r/status", "responseUrl": "https://q/r", "cancelUrl": "https://q/c"}', 'and it is whole for whoever asks');

select private.forget('r4');
select results_eq($$select payload, run_at from private.jobs where key = 'forget_request:r4'$$,
	$$values ('{"request_id": "r4"}'::jsonb, now() + interval '30 seconds')$$, 'it is forgotten there after the rush');
select private.forget('r4', true);
select results_eq($$select payload ->> 'running_at', run_at from private.jobs where key = 'forget_request:r4'$$,
	$$values ('fal-ai/trainer', now())$$, 'one that may still run is stopped first, at once');
select private.forget(null);
select is((select count(*) from private.jobs where kind = 'forget_request'), 1::bigint, 'what was never sent needs no forgetting');

select service.record_forgotten('r4', '{"deleted": 3}');
select service.record_all_forgotten('[{"request_id": "r4", "evidence": {"deleted": 0}}, {"request_id": "unknown", "evidence": {}}]');
select results_eq($$select evidence from private.provider_requests where request_id = 'r4' and forgotten_at is not null$$,
	$$values ('{"deleted": 3}'::jsonb)$$, 'what the provider answered is kept');
delete from auth.users where id = md5('anna')::uuid;
select isnt_empty($$select from private.provider_requests where request_id = 'r4'$$, 'also after our rows are gone');

select * from finish();
rollback;
