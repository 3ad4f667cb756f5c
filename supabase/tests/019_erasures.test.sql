begin;
set local search_path = extensions, tests, public;
select no_plan();

-- In the middle of everything: one shoot ready, one in training with files and jobs, one unused, one at the till.
select consent('anna'), consent('bert');
create temporary table shoots_of_anna as
select generating('anna') as ready, in_training('anna') as training, paid('anna') as unused, draft('anna') as till;
select deliver_all(ready) from shoots_of_anna;
select service.record_checkout_session(order_id, 'cs_till')
from shoots_of_anna, service.open_order(md5('anna')::uuid, till);
insert into storage.objects (bucket_id, name, metadata)
select 'headshots', unnest(array[storage_key, thumbnail_key]), '{}' from public.headshots where owner_id = md5('anna')::uuid;
insert into auth.sessions (id, user_id) values (gen_random_uuid(), md5('anna')::uuid);
insert into auth.audit_log_entries (id, payload) values
	(gen_random_uuid(), jsonb_build_object('actor_id', md5('anna')::uuid)), (gen_random_uuid(), jsonb_build_object('actor_id', md5('bert')::uuid));
select service.record_forgotten(request_id, '{"status": 200, "cdn_delete_results": [{"link": "https://fal/x", "exception": null}]}')
from private.provider_requests where owner_id = md5('anna')::uuid and generation_id is not null;
select generating('bert');
create temporary table of_bert as select private.rows_of(md5('bert')::uuid) as rows, (select count(*) from private.jobs where payload::text like '%' || md5('bert')::uuid || '%') as jobs;

select is(service.erasure_preview(md5('anna')::uuid), jsonb_build_object(
		'refunds', jsonb_build_array(jsonb_build_object('amount', 5800, 'currency', 'usd')), 'unusedPortraits', 40, 'refundedPortraits', 40),
	'what was never used comes back: the pack in training has delivered nothing, the one not begun neither');
select is(service.erasure_preview(md5('anna')::uuid, ready) -> 'refunds', '[]', 'a pack that delivered gives nothing back') from shoots_of_anna;

select throws_ok($$select service.request_erasure(md5('nobody')::uuid, 'account')$$, 'PT404', null, 'nobody cannot be erased');
select throws_ok(format($$select service.request_erasure(md5('anna')::uuid, 'shoot', %L)$$, id), 'PT404', null, 'nor another''s shoot')
from public.shoots where owner_id = md5('bert')::uuid;
create temporary table request as
select service.request_erasure(md5('anna')::uuid, 'account') as id, service.request_erasure(md5('anna')::uuid, 'account') as again;
grant select on request to public;
select is(id, again, 'asked twice it is one erasure') from request;

select is(private.rows_of(md5('anna')::uuid), '{}', 'at once no row of hers is left');
select is_empty($$select from private.jobs where payload::text like '%' || md5('anna')::uuid || '%' and kind <> 'erase'$$, 'no job of hers either');
select is_empty($$select from auth.sessions where user_id = md5('anna')::uuid$$, 'her sessions have ended');
select ok(banned_until > now() + interval '99 years', 'and there will be no new one') from auth.users where id = md5('anna')::uuid;
select is(private.rows_of(md5('bert')::uuid), rows, 'of nobody else anything is gone') from of_bert;
select is((select count(*) from private.jobs where payload::text like '%' || md5('bert')::uuid || '%'), jobs, 'not a job') from of_bert;
select is((select count(*) from private.payment_records), 4::bigint, 'payments stay: three paid, one on its way');
select is((select count(distinct payer_ref) from private.payment_records), 1::bigint, 'of one payer');
select is((select count(*) from private.payment_records where payer_ref in (md5('anna')::uuid, (select id from request))), 0::bigint, 'whom nothing names');
select is(keep_until, paid_at + interval '7 years', 'for seven years') from private.payment_records where paid_at is not null limit 1;
select is(plan, '{"photos": 24, "headshots": 40}'::jsonb, 'the files are counted') from private.erasure_steps where kind = 'files';
select is(jsonb_array_length(plan -> 'running'), 1, 'the training that runs is to be stopped') from private.erasure_steps where kind = 'provider';
select is(plan, '["cs_till"]'::jsonb, 'the open payment page is to be closed') from private.erasure_steps where kind = 'checkout';
select is(jsonb_array_length(plan), 2, 'two packs are to be refunded') from private.erasure_steps where kind = 'refund';
select act_as('anna');
select is_empty($$select from public.profiles union all select from public.shoots$$, 'her token opens nothing');
select throws_ok($$insert into public.shoots (offer_id, name) values ('essential', 'Again')$$, '42501', null, 'and makes nothing');
reset role;

-- Late: nothing finds anything to write to.
select throws_ok(format($$insert into storage.objects (bucket_id, name) values ('photos', '%s/%s/late.jpg')$$, md5('anna')::uuid, gen_random_uuid()),
	'42501', 'What this file belongs to has been erased.', 'an upload that was signed before stores nothing');
select lives_ok(format($$insert into storage.objects (bucket_id, name) values ('photos', '%s/%s/late.jpg')$$, md5('bert')::uuid, gen_random_uuid()), 'others'' uploads go on');
select is(service.settle_order('cs_till', 'complete', 'paid', 2900, 2900, 'usd', null, 'cus_x', 'pi_till', null), 'unknown_order', 'a payment grants nothing');
select throws_ok($$update private.tombstones set hash = repeat('a', 64)$$, '42501', 'A tombstone stays.', 'tombstones are not changed');
select throws_ok($$delete from private.tombstones$$, '42501', 'A tombstone stays.', 'nor taken away');
select is(hash::text, private.tombstone_of(md5('anna')::uuid::text), 'one says that she was here, and not who she was') from private.tombstones where kind = 'account';

-- Steps and receipt.
select throws_ok(format($$select service.issue_receipt(%L, 'active_erased', 'a.b.c', now())$$, id), '23514', 'No receipt while a step lacks evidence.', 'no receipt before the evidence') from request;
select throws_ok($$update private.erasure_steps set state = 'done', done_at = now() where kind = 'files'$$, '23514', null, 'nothing is done without evidence');
select throws_ok(format($$select service.complete_erasure_step(%L, 'provider', '{}')$$, id), 'P0001', 'a request has not been forgotten yet', 'nor a provider while a request is left') from request;
select service.record_forgotten(request_id, '{"status": 404}') from private.provider_requests where owner_id = md5('anna')::uuid and forgotten_at is null;
select ok(service.complete_erasure_step(id, 'provider', '{"processor": "fal"}'), 'with all answers it is done') from request;
select is(evidence, '{"processor": "fal", "requests": 22, "answers": {"200": 20, "404": 2}, "files": 20}', 'which are counted') from private.erasure_steps where kind = 'provider';
select is_empty($$select from private.provider_requests where owner_id = md5('anna')::uuid$$, 'and gone');
select ok(not service.complete_erasure_step(id, 'provider', '{"processor": "another"}'), 'evidence is noted once') from request;
select service.note_erasure_trouble(id, 'files', 'storage is away') from request;
select is(attempts || last_error, '1storage is away', 'a failed try is noted') from private.erasure_steps where kind = 'files';
select is((select (d.days_left, d.open_steps)::text from service.sweep_erasures(now() + interval '14 days') d), null, 'no alarm before half of the time');
select is((select (d.days_left, d.open_steps)::text from service.sweep_erasures(now() + interval '15 days') d), '(15,"{checkout,files,refund,sign_in,stripe,tombstone}")', 'then one');
select is((select count(*) from service.sweep_erasures(now() + interval '15 days 12 hours') d), 0::bigint, 'a day');
select is((select count(*) from service.sweep_erasures(now() + interval '16 days') d), 1::bigint, 'until it is done');
select service.complete_erasure_step(id, kind, '{}') from request, unnest(array['checkout', 'files', 'refund', 'stripe', 'tombstone', 'sign_in']) as kind;
select is_empty($$select from auth.audit_log_entries where payload::text like '%' || md5('anna')::uuid || '%'$$, 'Auth''s own log forgets her');
select isnt_empty($$select from auth.audit_log_entries where payload::text like '%' || md5('bert')::uuid || '%'$$, 'and nobody else');
select is_empty($$select from private.erasure_steps where plan is not null$$, 'what was only needed for the steps is gone');
select is(service.issue_receipt(id, 'active_erased', 'a.b.c', now() + interval '7 days'), 'a.b.c', 'now there is a receipt') from request;
select is(service.issue_receipt(id, 'active_erased', 'd.e.f', now() + interval '8 days'), 'a.b.c', 'the same at every reading') from request;
select is_empty($$select from private.erasures where owner_id is not null$$, 'whose it was is forgotten');
select is(address, 'anna@example.com', 'the address waits for the mail') from private.erasures;
select service.record_receipt_mailed(id) from request;
select is(address, null, 'and is forgotten then') from private.erasures;
select throws_ok(format($$select service.issue_receipt(%L, 'final', 'g.h.i', null, now() + interval '6 days')$$, id), '23514', 'No final receipt while a backup may hold something.', 'backups have their time') from request;
select is(service.issue_receipt(id, 'final', 'g.h.i', null, now() + interval '7 days'), 'g.h.i', 'then comes the last receipt') from request;
select throws_ok($$update private.erasure_receipts set jws = 'x'$$, '42501', 'A receipt is never changed.', 'a receipt is not changed');
select throws_ok($$delete from private.erasure_receipts$$, '42501', 'A receipt goes only with its erasure.', 'nor taken away');
select is(service.read_erasure(id) -> 'receipts' -> 1 ->> 'jws', 'g.h.i', 'whoever has the id reads it') from request;
select throws_ok($$select service.read_erasure(gen_random_uuid())$$, 'PT404', null, 'and nobody else');

-- The payment that was on its way.
select ok(service.is_erased_payment('cs_till'), 'it is known');
select ok(service.settle_erased_payment('cs_till', 'pi_till', 2900, 2900), 'it came, and went back');
select is((select count(*) from private.payment_records where unpaid_session_id is not null), 0::bigint, 'it is a payment like the others now');
select ok(not service.settle_erased_payment('cs_till'), 'its last word is heard once');
select service.refund_order('pi_cs_' || unused, 2900, 2900, 'usd') from shoots_of_anna;
select is(r.refunded, 2900, 'a refund that is told later is noted') from private.payment_records r, shoots_of_anna s where r.stripe_payment_intent_id = 'pi_cs_' || s.unused;
select count(*) from service.sweep_erasures(now() + interval '3 years 8 days') d;
select is_empty($$select from private.erasures$$, 'receipts are kept three years');
select count(*) from service.sweep_erasures(now() + interval '7 years 1 day') d;
select is_empty($$select from private.payment_records$$, 'payments seven');
delete from auth.users where id = md5('anna')::uuid;

-- A restore brings her back.
select person('anna'), consent('anna'), draft('anna');
select is(service.replay_tombstones(jsonb_build_array(jsonb_build_object('kind', 'account', 'hash', private.tombstone_of(md5('anna')::uuid::text)))), 1, 'what a restore brings back is erased again');
select is(private.rows_of(md5('anna')::uuid), '{}', 'at once');
select is(address, null, 'without a mail') from private.erasures where origin = 'restore';
select is((select count(*) from public.profiles where owner_id = md5('bert')::uuid), 1::bigint, 'others stay');

-- One shoot alone.
select in_training('bert');
create temporary table one as select id from public.shoots where owner_id = md5('bert')::uuid and status = 'training';
select is(service.erasure_preview(md5('bert')::uuid, id) -> 'refunds' -> 0 ->> 'amount', '2900', 'nothing was delivered of it') from one;
select service.request_erasure(md5('bert')::uuid, 'shoot', id) from one;
select is_empty($$select from public.shoots where id = (select id from one)$$, 'it is gone at once');
select is((select count(*) from public.shoots where owner_id = md5('bert')::uuid), 1::bigint, 'the other one is not');
select is(balance('bert', 'training'), '0+0', 'what is refunded is taken back');
select is_empty($$select * from private.ledger_differences()$$, 'and the ledger agrees with itself');
select throws_ok(format($$insert into storage.objects (bucket_id, name) values ('loras', '%s/%s/%s.safetensors')$$, md5('bert')::uuid, id, gen_random_uuid()), '42501', null, 'late weights are not stored') from one;
select act_as('bert');
select throws_ok($$delete from public.shoots where status = 'generating'$$, 'PT409', null, 'the person''s own hand deletes drafts only');
reset role;

select act_as_role('authenticated');
select throws_ok($$select service.request_erasure(md5('bert')::uuid, 'account')$$, '42501', null, 'people do not call this themselves');
select throws_ok($$select from private.payment_records$$, '42501', null, 'nor see what is kept');
reset role;

select * from finish();
rollback;
