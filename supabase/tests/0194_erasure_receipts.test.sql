begin;
set local search_path = extensions, tests, public;
select no_plan();

select consent('bert');
create temporary table shoots_of_anna as select * from busy('anna');
create temporary table request as select service.request_erasure(md5('anna')::uuid, 'account') as id;

select throws_ok(format($$select service.issue_receipt(%L, 'active_erased', 'a.b.c', now())$$, id), '23514', 'No receipt while a step lacks evidence.', 'no receipt before the evidence') from request;
select service.note_erasure_trouble(id, 'files', 'storage is away') from request;
select service.record_forgotten(request_id, '{"status": 404}') from private.provider_requests where owner_id = md5('anna')::uuid and forgotten_at is null;
select service.complete_erasure_step(id, 'provider', '{}') from request;
select is((select (d.days_left, d.open_steps)::text from service.sweep_erasures(now() + interval '14 days') d), null, 'no alarm before half of the time');
select is((select (d.days_left, d.open_steps)::text from service.sweep_erasures(now() + interval '15 days') d), '(15,"{checkout,files,refund,sign_in,stripe,tombstone}")', 'then one');
select is((select count(*) from service.sweep_erasures(now() + interval '15 days 12 hours') d), 0::bigint, 'a day');
select is((select count(*) from service.sweep_erasures(now() + interval '16 days') d), 1::bigint, 'until it is done');
select service.complete_erasure_step(id, kind, '{}') from request, unnest(array['checkout', 'files', 'refund', 'stripe', 'tombstone', 'sign_in']) as kind;
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
select count(*) from service.sweep_erasures(now() + interval '3 years 8 days') d;
select is_empty($$select from private.erasures$$, 'receipts are kept three years');

select * from finish();
rollback;
