begin;
set local search_path = extensions, tests, public;
select no_plan();

select consent('anna'), consent('bert');
create temporary table shoot as select instant('anna', 3) as id;
create temporary table portrait as
	select g.id, row_number() over (order by g.id) as n from public.generations g join shoot s on s.id = g.shoot_id;
create function pg_temp.portrait(p_n integer) returns uuid language sql as $$ select id from portrait where n = p_n $$;
create function pg_temp.standing(p_n integer) returns text language sql as $$
	select concat_ws(' ', status, attempt, failure) from public.generations where id = pg_temp.portrait(p_n) $$;
create function pg_temp.claimed(p_limit integer, p_capacity integer, p_per_minute integer, as_of timestamptz default now())
returns bigint language sql as $$
	select count(*) from service.claim_jobs(0, 120, 0, as_of, '[]', p_limit, p_capacity, p_per_minute) $$;

-- A request.
select results_eq(
	$$select work ->> 'status', work ->> 'engine', work ->> 'loraKey', jsonb_array_length(work -> 'references'), work -> 'references' -> 0 ->> 'bucket'
	from service.begin_portrait(pg_temp.portrait(1), 'model-a') as work$$,
	$$values ('running', 'instant', null::text, 3, 'photos')$$, 'who begins gets the photos to show');
select results_eq($$select attempt, provider, model, outcome from private.instant_calls where generation_id = pg_temp.portrait(1)$$,
	$$values (1, 'gemini', 'model-a', null::text)$$, 'and it is written down before it leaves');
select results_eq($$select reader, what, items from public.access_log where owner_id = md5('anna')::uuid$$,
	$$values ('generation', 'photo', 3)$$, 'the person can see that their photos were read');
select service.record_answer(pg_temp.portrait(1), 1, 'made');
select ok(service.deliver_headshot(pg_temp.portrait(1), 896, 1152, 1000, repeat('a', 64), 100, repeat('b', 64), now(), 'image/png', 1), 'a PNG is delivered');
select results_eq($$select split_part(storage_key, '/', 3) = pg_temp.portrait(1) || '.png', split_part(thumbnail_key, '/', 3) = pg_temp.portrait(1) || '_thumb.jpg', content_type
	from public.headshots where generation_id = pg_temp.portrait(1)$$, $$values (true, true, 'image/png')$$, 'under the ending that it has');
select is(service.begin_portrait(pg_temp.portrait(1), 'model-a'), null, 'what was made is not asked for again');

-- Busy.
select service.begin_portrait(pg_temp.portrait(2), 'model-a');
select service.record_answer(pg_temp.portrait(2), 1, 'busy', 30);
select is(pg_temp.standing(2), 'queued 1', 'what was certainly not worked on waits as if it had not been sent');
select is(pg_temp.claimed(6, 10, 100), 0::bigint, 'while the provider asks for a pause nobody sends');
select is(private.instant_opens_in(10, 100, now()), 30::double precision, 'and the clock says for how long');
select is(pg_temp.claimed(2, 10, 100, now() + interval '31 seconds'), 2::bigint, 'then it goes on');
update private.jobs set lease_token = null, leased_until = null, claimed_at = null where kind = 'make_portrait';
select is(service.begin_portrait(pg_temp.portrait(2), 'model-b', now() + interval '31 seconds') ->> 'attempt', '1', 'as the same try');
select is(pg_temp.standing(2), 'running 1', 'of the same portrait');

-- Lost.
select is(service.begin_portrait(pg_temp.portrait(2), 'model-b', now() + interval '3 minutes') ->> 'attempt', '2', 'a request without an answer is made once more');
select is(outcome, 'lost', 'the first is known to be lost') from private.instant_calls where generation_id = pg_temp.portrait(2) and attempt = 1;
select is(service.begin_portrait(pg_temp.portrait(2), 'model-b', now() + interval '6 minutes'), null, 'and never a third time');
select is(pg_temp.standing(2), 'failed 2 unavailable', 'it has failed');
select results_eq($$select available, held from public.credit_balances where owner_id = md5('anna')::uuid and unit = 'headshot'$$,
	$$values (1, 18)$$, 'and its credit is back');
select throws_ok($$insert into private.instant_calls (generation_id, attempt, owner_id, shoot_id, model, sent_at)
	select pg_temp.portrait(2), 3, owner_id, shoot_id, 'm', now() from public.generations where id = pg_temp.portrait(2)$$,
	'23514', null, 'a third picture cannot even be noted');

-- Two tries at once: the slower one's picture is not kept.
select service.begin_portrait(pg_temp.portrait(3), 'model-a');
select service.begin_portrait(pg_temp.portrait(3), 'model-a');
select ok(service.deliver_headshot(pg_temp.portrait(3), 896, 1152, 1000, repeat('c', 64), 100, repeat('d', 64), now(), 'image/png', 1), 'the first that arrives is delivered');
select ok(not service.deliver_headshot(pg_temp.portrait(3), 896, 1152, 1000, repeat('e', 64), 100, repeat('f', 64), now(), 'image/png', 2), 'the other is not');
select is((select payload -> 'keys' ->> 0 like '%-2.png' from private.jobs where kind = 'delete_objects' and payload -> 'keys' ->> 0 like '%' || pg_temp.portrait(3) || '%'),
	true, 'and its file is deleted');

-- The limits, for all runners together, at a later time.
delete from private.instant_calls;
update private.jobs set lease_token = null, leased_until = null, claimed_at = null where kind = 'make_portrait';
select is(pg_temp.claimed(6, 4, 100), 4::bigint, 'as many wait for an answer as may');
select is(pg_temp.claimed(6, 4, 100), 0::bigint, 'for all runners together');
update private.jobs set lease_token = null, leased_until = null, claimed_at = null where kind = 'make_portrait';
select is(pg_temp.claimed(3, 100, 5), 3::bigint, 'as many leave as may in a minute');
select is(pg_temp.claimed(6, 100, 5), 2::bigint, 'those about to leave are counted');
insert into private.instant_calls (generation_id, attempt, owner_id, shoot_id, model, sent_at)
select g.id, 1, g.owner_id, g.shoot_id, 'm', now() + interval '1 second' from private.jobs j join public.generations g on g.id = j.generation_id
where j.kind = 'make_portrait' and j.leased_until > now();
select is(pg_temp.claimed(6, 100, 5, now() + interval '50 seconds'), 0::bigint, 'once, also when they have left');
update private.jobs set dead_at = now(), lease_token = null, leased_until = null where kind = 'make_portrait' and leased_until is not null;
select is(pg_temp.claimed(6, 100, 5, now() + interval '50 seconds'), 0::bigint, 'and when they are done');
select is(private.instant_opens_in(100, 5, now() + interval '50 seconds'), 13::double precision, 'the clock says when there is room');
select is(pg_temp.claimed(6, 100, 5, now() + interval '64 seconds'), 5::bigint, 'a minute and a little later they may');

-- Turns.
update private.jobs set dead_at = null, lease_token = null, leased_until = null, claimed_at = null where kind = 'make_portrait';
delete from private.instant_calls;
create temporary table other as select instant('bert', 1) as id;
select results_eq($$
	select count(*) filter (where g.owner_id = md5('anna')::uuid), count(*) filter (where g.owner_id = md5('bert')::uuid)
	from service.claim_jobs(0, 120, 0, now(), '[]', 6, 6, 100) c join public.generations g on g.id = (c.payload ->> 'generation_id')::uuid$$,
	$$values (3::bigint, 3::bigint)$$, 'who comes later does not wait for the other''s twenty');

-- Long queues. Each of the last answers took 20 s, and four may wait: a place every 5 s, taken evenly.
update private.jobs set lease_token = null, leased_until = null, claimed_at = null where kind = 'make_portrait';
update private.jobs j set dead_at = now() from public.generations g
where g.id = j.generation_id and g.owner_id = md5('bert')::uuid and j.kind = 'make_portrait' and g.id not in (
	select g.id from public.generations g where g.owner_id = md5('bert')::uuid order by g.id limit 2);
update private.jobs set dead_at = now() where id in (
	select j.id from private.jobs j join public.generations g on g.id = j.generation_id
	where g.owner_id = md5('anna')::uuid and j.kind = 'make_portrait' order by j.id limit 2);
select set_eq($$select g.owner_id = md5('anna')::uuid, count(*) from private.jobs j join public.generations g on g.id = j.generation_id
	where j.kind = 'make_portrait' and j.dead_at is null group by 1$$, $$values (true, 18::bigint), (false, 2)$$, 'Anna has more than four rounds of four waiting, Bert has two portraits');
create function pg_temp.claimed_of(p_limit integer, p_capacity integer, as_of timestamptz, out anna bigint, out bert bigint)
language sql as $$
	select count(*) filter (where g.owner_id = md5('anna')::uuid), count(*) filter (where g.owner_id = md5('bert')::uuid)
	from service.claim_jobs(0, 120, 0, as_of, '[]', p_limit, p_capacity, 100) c join public.generations g on g.id = (c.payload ->> 'generation_id')::uuid $$;
insert into private.instant_calls (generation_id, attempt, owner_id, shoot_id, model, sent_at, answered_at, outcome)
select md5(n::text)::uuid, 1, md5('other')::uuid, md5('other')::uuid, 'm', now() - interval '2 minutes', now() - interval '100 seconds', 'made'
from generate_series(1, 4) n;
insert into private.instant_calls (generation_id, attempt, owner_id, shoot_id, model, sent_at, answered_at, outcome)
values (md5('lost')::uuid, 1, md5('other')::uuid, md5('other')::uuid, 'm', now() - interval '119 seconds', now() - interval '10 seconds', 'lost'),
	(md5('long ago')::uuid, 1, md5('other')::uuid, md5('other')::uuid, 'm', now() - interval '1 hour', now() - interval '59 minutes', 'made');
savepoint long_queue;
select results_eq($$select * from pg_temp.claimed_of(6, 4, now())$$, $$values (1::bigint, 2::bigint)$$, 'who has few waiting begins them at once, whose queue is long begins one');
select results_eq($$select * from pg_temp.claimed_of(6, 4, now() + interval '4.9 seconds')$$, $$values (0::bigint, 0::bigint)$$, 'and the next one when its place comes');
select is(private.instant_opens_in(4, 100, now() + interval '4 seconds'), 1::double precision, 'the clock says when that is');
select results_eq($$select * from pg_temp.claimed_of(6, 4, now() + interval '5 seconds')$$, $$values (1::bigint, 0::bigint)$$, 'then it begins');
select is(private.instant_opens_in(5, 100, now() + interval '5 seconds'), 0::double precision, 'with sixteen left it is no long queue any more');
select results_eq($$select * from pg_temp.claimed_of(6, 6, now() + interval '5 seconds')$$, $$values (2::bigint, 0::bigint)$$, 'and takes all the places that there are');
rollback to long_queue;
select results_eq($$select * from pg_temp.claimed_of(6, 5, now())$$, $$values (3::bigint, 2::bigint)$$, 'a queue of a few rounds is not held back');
rollback to long_queue;
delete from private.instant_calls;
select results_eq($$select * from pg_temp.claimed_of(6, 4, now())$$, $$values (2::bigint, 2::bigint)$$, 'nor is anybody while nothing was answered yet');
rollback to long_queue;
update private.jobs set dead_at = null where kind = 'make_portrait';
delete from private.instant_calls;

-- Off, withdrawn, gone.
select service.begin_portrait(id, 'm') from public.generations where owner_id = md5('bert')::uuid order by id limit 1;
update private.processors set is_on = false where id = 'gemini';
select throws_ok($$select service.begin_portrait((select id from public.generations where owner_id = md5('bert')::uuid and status = 'queued' limit 1), 'm')$$,
	'PT503', null, 'nothing leaves for a company that is switched off');
update private.processors set is_on = true where id = 'gemini';
select act_as('bert');
update public.consent_records set withdrawn_at = now() where purpose = 'private_model';
reset role;
select is((select count(*) from public.generations where owner_id = md5('bert')::uuid and status in ('queued', 'running')), 20::bigint,
	'without a consent to a model it goes on');
select act_as('bert');
update public.consent_records set withdrawn_at = now() where purpose = 'photo_processing';
reset role;
select is((select count(*) from public.generations where owner_id = md5('bert')::uuid and status in ('queued', 'running')), 0::bigint,
	'without the one to the photos it ends');
select results_eq($$select available, held from public.credit_balances where owner_id = md5('bert')::uuid and unit = 'headshot'$$,
	$$values (20, 0)$$, 'and every credit is back');

-- Edits, also of a portrait that the studio made.
select consent('emma');
create temporary table studio_shoot as select generating('emma') as id;
select deliver_all(id) from studio_shoot;
update public.credit_balances set available = available + 2 where owner_id = md5('emma')::uuid and unit = 'headshot';
create temporary table original as select h.id, h.style_id from public.headshots h join studio_shoot s on s.id = h.shoot_id order by h.id limit 1;
select throws_ok($$select service.plan_edit(md5('bert')::uuid, id, 'hair', null, gen_random_uuid()) from original$$, 'PT404', null, 'nobody edits another''s portrait');
select throws_ok($$select service.plan_edit(md5('emma')::uuid, id, 'backdrop', 'nowhere', gen_random_uuid()) from original$$, 'PT404', 'There is no such style.', 'or into a style that is not there');
create temporary table asked as select service.plan_edit(md5('emma')::uuid, id, 'backdrop', 'coast', md5('once')::uuid) as id from original;
select is(service.plan_edit(md5('emma')::uuid, o.id, 'backdrop', 'coast', md5('once')::uuid), a.id, 'the same request plans once') from original o, asked a;
select results_eq($$select g.engine::text, g.edit::text, g.style_id, g.lora_id, position('a blurred grey sea' in g.prompt) > 0 from public.generations g join asked on asked.id = g.id$$,
	$$values ('instant', 'backdrop', 'coast', null::uuid, true)$$, 'an edit is made by instant, in our own words');
select is(status::text, 'ready', 'the shoot stays ready meanwhile') from public.shoots where id in (select id from studio_shoot);
select results_eq($$select r ->> 'bucket', r ->> 'storageKey' = h.storage_key
	from service.begin_portrait((select id from asked), 'm') as work, jsonb_array_elements(work -> 'references') as r, public.headshots h
	where h.id = (select id from original)$$, $$values ('headshots', true)$$, 'it is shown the portrait, and no photo');
select is((select what from public.access_log where owner_id = md5('emma')::uuid and reader = 'generation' order by what desc limit 1), 'portrait', 'which the person can see');
select ok(service.deliver_headshot(id, 896, 1152, 1000, repeat('9', 64), 100, repeat('8', 64), now(), 'image/png', 1), 'it is delivered') from asked;
select results_eq($$select edit::text, original_id = (select id from original) from public.headshots where generation_id = (select id from asked)$$,
	$$values ('backdrop', true)$$, 'beside its original, which it names');
select is((select count(*) from private.mails where owner_id = md5('emma')::uuid and template = 'portraits_ready'), 1::bigint, 'and no mail tells of it');
select act_as('emma');
update public.consent_records set withdrawn_at = now() where purpose = 'photo_processing';
reset role;
select throws_ok($$select service.plan_edit(md5('emma')::uuid, id, 'hair', null, gen_random_uuid()) from original$$, 'PT403', null, 'without the consents of instant nothing is edited');
select throws_ok($$insert into public.generations (owner_id, shoot_id, style_id, engine, edit, lora_id, hold_id, seed, prompt)
	select owner_id, shoot_id, style_id, 'studio', 'hair', lora_id, hold_id, 1, 'x' from public.generations where owner_id = md5('emma')::uuid and lora_id is not null limit 1$$,
	'23514', null, 'the studio edits nothing');

-- More portraits need the photos.
update public.generations set status = 'failed', finished_at = now() where shoot_id in (select id from shoot) and status in ('queued', 'running');
update public.shoots set status = 'ready' where id in (select id from shoot);
update public.photos set deleted_at = now() where shoot_id in (select id from shoot);
select throws_ok($$select service.plan_headshots(md5('anna')::uuid, (select id from shoot), array['slate'], 1, gen_random_uuid())$$,
	'PT409', 'The photos of this shoot have been deleted.', 'none are made of photos that are gone');

-- What the provider's log has, on the receipt.
select is(private.logged_until(md5('bert')::uuid), now() + interval '55 days', 'the log holds what it was shown for 55 days');
select service.request_erasure(md5('bert')::uuid, 'account');
select is((plan ->> 'loggedUntil')::timestamptz, now() + interval '55 days', 'an erasure says until when')
from private.erasure_steps where kind = 'provider';
select is_empty($$select from private.instant_calls where owner_id = md5('bert')::uuid$$, 'and forgets the requests');
select is_empty($$select from private.jobs j where kind = 'make_portrait' and generation_id not in (select id from public.generations)$$,
	'and the jobs that would have sent others');
select act_as_role('anon');
select throws_ok($$select from private.instant_calls$$, '42501', null, 'nobody reaches the requests');
reset role;

select * from finish();
rollback;
