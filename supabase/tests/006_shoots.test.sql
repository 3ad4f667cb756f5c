begin;
set local search_path = extensions, tests, public;
select no_plan();

select person('anna'), person('bert');

-- As the owner.
select act_as('anna');
insert into public.shoots (offer_id, name) values ('essential', 'For work 🌿');
select results_eq($$select owner_id, status::text, portraits_planned from public.shoots$$,
	$$select md5('anna')::uuid, 'draft', 0$$, 'a shoot begins as a draft of its owner');
select throws_ok($$insert into public.shoot_styles (shoot_id, style_id) select s.id, style from public.shoots s, unnest(array['slate', 'park', 'ink']) as style$$,
	'PT409', 'All styles of this offer are chosen.', 'also not all at once');
select is_empty($$select from public.shoot_styles$$, 'then none is chosen');
insert into public.shoot_styles (shoot_id, style_id) select id, 'slate' from public.shoots;
insert into public.shoot_styles (shoot_id, style_id) select id, 'park' from public.shoots;
select throws_ok($$insert into public.shoot_styles (shoot_id, style_id) select id, 'ink' from public.shoots$$, 'PT409',
	'All styles of this offer are chosen.', 'no more styles than the offer has');
select throws_ok($$insert into public.shoot_styles (shoot_id, style_id) values (gen_random_uuid(), 'ink')$$, 'PT404',
	'There is no such shoot.', 'not for a shoot that is not there');
select throws_ok($$insert into public.shoots (offer_id, name) values ('free', 'x')$$, 'PT409', 'This offer is no longer for sale.', 'only what is for sale');
select throws_ok($$insert into public.shoots (offer_id, name) values ('essential', repeat('x', 10000000))$$, '23514', null, 'no name of 10 MB');
select throws_ok($$insert into public.shoots (offer_id, name, status) values ('essential', 'x', 'paid')$$, '42501',
	'permission denied for table shoots', 'nobody begins with a paid one');
select throws_ok($$update public.shoots set status = 'paid'$$, '42501', 'permission denied for table shoots', 'or makes one paid');
select throws_ok($$update public.shoots set portraits_planned = 900$$, '42501', 'permission denied for table shoots', 'or larger');
select throws_ok($$update public.shoots set owner_id = md5('bert')::uuid$$, '42501', 'permission denied for table shoots', 'or another''s');
delete from public.shoot_styles where style_id = 'park';
select results_eq($$select style_id from public.shoot_styles$$, $$values ('slate')$$, 'a style can be taken out again');
update public.shoots set offer_id = 'signature', name = 'For the lobby';
select results_eq($$select offer_id, name, status::text from public.shoots$$, $$values ('signature', 'For the lobby', 'draft')$$,
	'offer and name change while it is a draft');

-- As a stranger.
select act_as('bert');
select is_empty($$select from public.shoots$$, 'a stranger sees no shoot');
select is_empty($$select from public.shoot_styles$$, 'and no styles of it');
update public.shoots set name = 'Mallory';
delete from public.shoots;
delete from public.shoot_styles;
reset role;
select is((select name from public.shoots where owner_id = md5('anna')::uuid), 'For the lobby', 'and changes or deletes nothing');
select is((select count(*) from public.shoot_styles where owner_id = md5('anna')::uuid), 1::bigint, 'nor its styles');
select set_config('tests.shoot', id::text, true) from public.shoots where owner_id = md5('anna')::uuid;
select act_as('bert');
select throws_ok($$insert into public.shoot_styles (shoot_id, style_id) values (current_setting('tests.shoot')::uuid, 'ink')$$,
	'PT404', 'There is no such shoot.', 'another''s shoot is not there for them');
-- Anonymous.
select act_as_role('anon');
select throws_ok($$select from public.shoots$$, '42501', 'permission denied for table shoots', 'anon reaches no shoot');
select throws_ok($$select from public.shoot_styles$$, '42501', 'permission denied for table shoot_styles', 'and no style of one');
reset role;

-- The table of moves, for whoever changes a status.
select throws_ok($$update public.shoots set status = 'ready' where id = current_setting('tests.shoot')::uuid$$, 'PT409',
	'A shoot cannot go from draft to ready.', 'a shoot moves only as the table says');
update public.shoots set status = 'paid' where id = current_setting('tests.shoot')::uuid;
update public.shoots set status = 'training' where id = current_setting('tests.shoot')::uuid;
update public.shoots set status = 'failed', failure = 'no_face' where id = current_setting('tests.shoot')::uuid;
update public.shoots set status = 'training' where id = current_setting('tests.shoot')::uuid;
select is(failure, null, 'a failure is forgotten when the shoot goes on') from public.shoots where id = current_setting('tests.shoot')::uuid;
-- Once it is paid.
select act_as('anna');
select throws_ok($$update public.shoots set offer_id = 'complete'$$, 'PT409',
	'This shoot has been paid; its offer can no longer change.', 'a paid shoot keeps its offer');
select throws_ok($$insert into public.shoot_styles (shoot_id, style_id) select id, 'ink' from public.shoots$$, 'PT409',
	'This shoot has been paid; its styles can no longer change.', 'and its styles');
select throws_ok($$delete from public.shoot_styles$$, 'PT409', 'This shoot has been paid; its styles can no longer change.', 'all of them');
select throws_ok($$delete from public.shoots$$, 'PT409', 'Only a draft without an open checkout can be deleted.', 'and is not deleted');
select lives_ok($$update public.shoots set name = 'Renamed'$$, 'a name can change any time');
select results_eq($$select offer_id, status::text, name from public.shoots$$, $$values ('signature', 'training', 'Renamed')$$, 'after the refusals it is what it was');
select is((select count(*) from public.shoot_styles), 1::bigint, 'with its style');
reset role;

-- Deleting a draft.
select act_as('bert');
insert into public.shoots (offer_id, name) values ('essential', 'Never mind');
insert into public.shoot_styles (shoot_id, style_id) select id, 'slate' from public.shoots;
delete from public.shoots;
select is_empty($$select from public.shoots$$, 'a draft can be deleted');
reset role;
select consent('bert');
select set_config('tests.draft', draft('bert')::text, true);
select service.record_checkout_session(order_id, 'cs_open') from service.open_order(person('bert'), current_setting('tests.draft')::uuid);
select act_as('bert');
select throws_ok($$delete from public.shoots$$, 'PT409', 'Only a draft without an open checkout can be deleted.', 'but not while it may be paid');
select is((select count(*) from public.shoots), 1::bigint, 'it is still there');
reset role;
delete from auth.users where id = md5('bert')::uuid;
select is_empty($$select from public.shoots where owner_id = md5('bert')::uuid$$, 'with the account every shoot goes');
delete from auth.users where id = md5('anna')::uuid;
select is_empty($$select from public.shoots where owner_id = md5('anna')::uuid$$, 'also a paid one');

-- The engine.
select person('iris');
update private.processors set is_on = false where id = 'gemini';
select act_as('iris');
select throws_ok($$insert into public.shoots (offer_id, engine, name) values ('essential', 'instant', 'x')$$, 'PT503', null,
	'an engine whose company is off cannot be chosen');
reset role;
update private.processors set is_on = true where id = 'gemini';
select act_as('iris');
insert into public.shoots (offer_id, name) values ('essential', 'Mine');
update public.shoots set engine = 'instant';
select results_eq($$select engine::text from public.shoots$$, $$values ('instant')$$, 'on a draft it can be chosen and changed');
select throws_ok($$update public.shoots set photo_retention = 'after_training'$$, 'PT409', 'Nothing is trained from the photos of this shoot.',
	'there is no "after the training" then');
reset role;
update public.shoots set status = 'paid' where owner_id = md5('iris')::uuid;
select act_as('iris');
select throws_ok($$update public.shoots set engine = 'studio'$$, 'PT409', 'This shoot has been paid; its engine can no longer change.', 'once paid it stays');
reset role;
select throws_ok($$update public.shoots set status = 'training' where owner_id = md5('iris')::uuid$$, 'PT409',
	'A shoot cannot go from paid to training.', 'an instant shoot never trains');
update public.shoots set status = 'generating' where owner_id = md5('iris')::uuid;
select pass('it goes straight to its portraits');

select * from finish();
rollback;
