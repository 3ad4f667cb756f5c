begin;
set local search_path = extensions, tests, public;
select no_plan();

-- Who may work for us.
select throws_ok($$update private.processors set is_on = true where id = 'r2'$$, 'PT409',
	'The policy in force does not name Cloudflare R2.', 'a company that the policy does not name cannot be switched on');
select throws_ok($$insert into private.processors values ('tracker', 'Tracker', true)$$, 'PT409', null, 'nor can a new one');
select is((select is_on from private.processors where id = 'r2'), false, 'it stays off');
select throws_ok($$insert into private.policy_versions values ('haloprofile', '2026-11-20', repeat('a', 64), '2026-11-20', '{supabase}')$$,
	'PT409', null, 'a version may not leave out who is on');
select lives_ok($$insert into private.policy_versions values ('headshotr', '2026-11-20', repeat('a', 64), '2026-11-20', '{supabase}')$$,
	'another profile''s may: they do not work for it here');
select throws_ok($$update private.policy_versions set sha256 = repeat('a', 64)$$, 'PT409',
	'A published policy is not changed.', 'a published version is not changed');
select throws_ok($$delete from private.policy_versions$$, 'PT409', null, 'nor deleted');

-- Which system this is.
create temporary table everything as select array_agg(id) as offers from public.offers;
create function pg_temp.apply(p_profile text, p_processors text[], p_offers text[] default null) returns void
language sql as $$ select service.apply_profile(p_profile, p_processors, coalesce(p_offers, (select offers from everything))) $$;
select pg_temp.apply('headshotr', '{supabase,gemini,r2,stripe,resend,google}');
select results_eq($$select name from private.profile$$, $$values ('headshotr')$$, 'the profile is the one applied');
select results_eq($$select id from private.processors where is_on order by id$$,
	$$values ('gemini'), ('google'), ('r2'), ('resend'), ('stripe'), ('supabase')$$, 'with its companies on, and no other');
select throws_ok($$select pg_temp.apply('headshotr', '{supabase,fal,stripe}')$$, 'PT409',
	'The policy in force does not name fal.', 'one that its policy does not name is refused');
select throws_ok($$select pg_temp.apply('haloprofile', '{supabase,tracker}')$$, 'PT409', null, 'and so is one that nobody knows');
select throws_ok($$select pg_temp.apply('another', '{supabase}')$$, 'PT409', 'another has no policy in force.', 'and a profile without a policy');
select results_eq($$select name from private.profile$$, $$values ('headshotr')$$, 'a refusal changes nothing');
select throws_ok($$insert into private.profile (is_the_one, name) values (false, 'haloprofile')$$, '23514', null, 'there is one');
select pg_temp.apply('haloprofile', '{supabase,fal,stripe,resend,google}');
select is((select is_on from private.processors where id = 'gemini'), false, 'a company that the configuration leaves out is off, also when the policy names it');
select pg_temp.apply('haloprofile', '{supabase,fal,gemini,stripe,resend,google}');

-- What it sells.
select draft('carl');
select pg_temp.apply('haloprofile', '{supabase,fal,gemini,stripe,resend,google}', '{signature,monthly}');
select results_eq($$select id from public.offers where is_active order by position$$, $$values ('signature'), ('monthly')$$,
	'for sale is what the profile names, and nothing else');
select throws_ok($$select draft('ben')$$, 'PT409', 'This offer is no longer for sale.', 'no shoot begins with another');
select consent('carl');
select throws_ok($$select service.open_order(md5('carl')::uuid, (select id from public.shoots where owner_id = md5('carl')::uuid))$$,
	'PT409', 'This offer is no longer for sale.', 'nor is one that had begun paid for');
select throws_ok($$select pg_temp.apply('haloprofile', '{supabase,fal,gemini,stripe,resend,google}', '{signature,gift}')$$, 'PT409',
	'An offer of this profile is not in the catalogue.', 'an offer that nobody knows is refused');
select pg_temp.apply('haloprofile', '{supabase,fal,gemini,stripe,resend,google}');
select is_empty('select from public.offers where not is_active', 'and all are for sale again');

select lives_ok($$insert into private.policy_versions
	select profile, 'next', repeat('a', 64), now(), names || '{r2}' from private.policy_versions
	where profile = 'haloprofile' and version = '2026-11-25'$$, 'the next version may name another company');
select lives_ok($$update private.processors set is_on = true where id = 'r2'$$, 'and then it may be switched on');
select lives_ok($$insert into private.policy_versions
	select profile, 'later', repeat('b', 64), now() + interval '1 day', names || '{tracker}' from private.policy_versions where version = 'next'$$,
	'a version may be dated ahead');
select throws_ok($$insert into private.processors values ('tracker', 'Tracker', true)$$, 'PT409', null, 'and opens nothing before its day');

-- Nothing is sent to who is off.
select consent('anna');
create temporary table shoot as select paid('anna') as id;
select upload(id, 12) from shoot;
create temporary table training as select service.seal_photos(md5('anna')::uuid, id) as id from shoot;
update private.processors set is_on = false where id in ('fal', 'stripe', 'resend');
select throws_ok($$select service.begin_training_submit(id) from training$$, 'PT503', null, 'no training leaves for a company that is off');
select is(status::text, 'queued', 'and it still waits') from public.trainings where id = (select id from training);
select throws_ok($$select service.open_order(md5('anna')::uuid, draft('anna'))$$, 'PT503', null, 'no order is opened');
select throws_ok($$select service.mail_to_send((select id from private.mails limit 1))$$, 'PT503', null, 'no mail goes out');
update private.processors set is_on = true where id = 'fal';
select ok(service.begin_training_submit(id), 'switched on again, it goes on where it was') from training;
select service.record_training_request(id, 'fal-ai/trainer', 'req_1', 'https://q/s', 'https://q/r', 'https://q/c') from training;
select throws_ok($$update private.provider_requests set provider = 'unheard-of'$$, '23503', null, 'a request is with a company of the registry');

-- The notice of a new version.
select act_as('anna');
insert into public.policy_notices (version) values ('next');
select is((select count(*) from public.policy_notices), 1::bigint, 'a person notes what they were told');
select throws_ok($$insert into public.policy_notices (version) values ('next')$$, '23505', null, 'once');
select throws_ok($$insert into public.policy_notices (version) values ('2026-11-01')$$, 'PT409', null, 'of the version in force');
select throws_ok($$update public.policy_notices set version = '2026-11-01'$$, '42501', null, 'and changes nothing of it');
reset role;
select person('ben');
select act_as('ben');
select is_empty('select from public.policy_notices', 'others do not see it');
reset role;

select * from finish();
rollback;
