begin;
set local search_path = extensions, tests, public;
select no_plan();

select consent('bert');
create temporary table shoots_of_anna as select * from busy('anna');
select generating('bert');
create temporary table of_bert as select private.rows_of(md5('bert')::uuid) as rows, (select count(*) from private.jobs where payload::text like '%' || md5('bert')::uuid || '%') as jobs;

select is(service.erasure_preview(md5('anna')::uuid), jsonb_build_object(
		'refunds', jsonb_build_array(jsonb_build_object('amount', 5800, 'currency', 'usd')), 'unusedPortraits', 40, 'refundedPortraits', 40, 'loggedUntil', null),
	'what was never used comes back: the pack in training has delivered nothing, the one not begun neither');
select is(service.erasure_preview(md5('anna')::uuid, ready) -> 'refunds', '[]', 'a pack that delivered gives nothing back') from shoots_of_anna;

select throws_ok($$select service.request_erasure(md5('nobody')::uuid, 'account')$$, 'PT404', null, 'nobody cannot be erased');
select throws_ok(format($$select service.request_erasure(md5('anna')::uuid, 'shoot', %L)$$, id), 'PT404', null, 'nor another''s shoot')
from public.shoots where owner_id = md5('bert')::uuid;
create temporary table request as
select service.request_erasure(md5('anna')::uuid, 'account') as id, service.request_erasure(md5('anna')::uuid, 'account') as again;
grant select on request to public;
select is(id, again, 'asked twice it is one erasure') from request;
select results_eq($$select kind, channel, outcome, owner_id from private.subject_requests$$, $$values ('erasure', 'app', 'done', null::uuid)$$,
	'one request, which says of nobody');

select is(private.rows_of(md5('anna')::uuid), '{}', 'at once no row of hers is left');
select is_empty($$select from private.jobs where payload::text like '%' || md5('anna')::uuid || '%' and kind <> 'erase'$$, 'no job of hers either');
select is_empty($$select from auth.sessions where user_id = md5('anna')::uuid$$, 'her sessions have ended');
select ok(banned_until > now() + interval '99 years', 'and there will be no new one') from auth.users where id = md5('anna')::uuid;
select is(private.rows_of(md5('bert')::uuid), rows, 'of nobody else anything is gone') from of_bert;
select is((select count(*) from private.jobs where payload::text like '%' || md5('bert')::uuid || '%'), jobs, 'not a job') from of_bert;
select is(plan, '{"found": {"photos": 24, "headshots": 40, "loras": 1}, "waitUntil": null}'::jsonb, 'the files are counted, and none is on its way') from private.erasure_steps where kind = 'files';
select is(jsonb_array_length(plan -> 'running'), 1, 'the training that runs is to be stopped') from private.erasure_steps where kind = 'provider';
select is(plan, '["cs_till"]'::jsonb, 'the open payment page is to be closed') from private.erasure_steps where kind = 'checkout';
select is(jsonb_array_length(plan), 2, 'two packs are to be refunded') from private.erasure_steps where kind = 'refund';
select act_as('anna');
select is_empty($$select from public.profiles union all select from public.shoots$$, 'her token opens nothing');
select throws_ok($$insert into public.shoots (offer_id, name) values ('essential', 'Again')$$, '42501', null, 'and makes nothing');
reset role;

-- One shoot alone.
select in_training('bert');
create temporary table one as select id from public.shoots where owner_id = md5('bert')::uuid and status = 'training';
select is(service.erasure_preview(md5('bert')::uuid, id) -> 'refunds' -> 0 ->> 'amount', '2900', 'nothing was delivered of it') from one;
select service.request_erasure(md5('bert')::uuid, 'shoot', id) from one;
select is_empty($$select from public.shoots where id = (select id from one)$$, 'it is gone at once');
select is((select count(*) from public.shoots where owner_id = md5('bert')::uuid), 1::bigint, 'the other one is not');
select is(balance('bert', 'training'), '0+0', 'what is refunded is taken back');
select is_empty($$select * from private.ledger_differences()$$, 'and the ledger agrees with itself');
select act_as('bert');
select throws_ok($$delete from public.shoots where status = 'generating'$$, 'PT409', null, 'the person''s own hand deletes drafts only');
reset role;

select act_as_role('authenticated');
select throws_ok($$select service.request_erasure(md5('bert')::uuid, 'account')$$, '42501', null, 'people do not call this themselves');
reset role;

select * from finish();
rollback;
