begin;
set local search_path = extensions, tests, public;
select no_plan();

select person('anna'), person('bert');

-- As the owner.
select act_as('anna');
select is((select count(*) from public.consent_wordings), 5::bigint, 'the wordings can be read');
insert into public.consent_records (purpose, version) values ('adult', '2026-11-01');
select is((select count(*) from public.consent_records where withdrawn_at is null), 1::bigint, 'a consent is recorded');
select is(owner_id, md5('anna')::uuid, 'as hers') from public.consent_records;
select throws_ok($$insert into public.consent_records (purpose, version) values ('adult', '2026-11-01')$$, '23505', null,
	'once per purpose');
select throws_ok($$insert into public.consent_records (purpose, version) values ('terms', '2020-01-01')$$, 'PT409',
	'The wording of this consent has changed.', 'only in the wording in force');
select throws_ok($$insert into public.consent_records (owner_id, purpose, version) values (md5('bert')::uuid, 'terms', '2026-11-01')$$,
	'42501', 'permission denied for table consent_records', 'for nobody else');
select throws_ok($$insert into public.consent_records (purpose, version, granted_at) values ('terms', '2026-11-01', '2020-01-01')$$,
	'42501', 'permission denied for table consent_records', 'at no other time than now');
select throws_ok($$delete from public.consent_records$$, '42501', 'permission denied for table consent_records', 'a consent is never deleted');
select is((select count(*) from public.consent_records), 1::bigint, 'after the refusals there is the one');
update public.consent_records set withdrawn_at = '2020-01-01' where purpose = 'adult';
select is(withdrawn_at, now(), 'it can be withdrawn, now and not earlier') from public.consent_records;
select throws_ok($$update public.consent_records set withdrawn_at = null$$, 'PT409', 'This consent has been withdrawn already.', 'for good');
select throws_ok($$update public.consent_records set withdrawn_at = now()$$, 'PT409', 'This consent has been withdrawn already.', 'once');
select lives_ok($$insert into public.consent_records (purpose, version) values ('adult', '2026-11-01')$$, 'and given again');
select is((select count(*) from public.consent_records), 2::bigint, 'the withdrawn one stays on record');
-- As a stranger.
select act_as('bert');
select is_empty($$select from public.consent_records$$, 'a stranger sees none of it');
update public.consent_records set withdrawn_at = now();
reset role;
select is((select count(*) from public.consent_records where withdrawn_at is null), 1::bigint, 'and withdraws nothing');
-- Anonymous.
select act_as_role('anon');
select is((select count(*) from public.consent_wordings), 5::bigint, 'the wordings are public');
select throws_ok($$select from public.consent_records$$, '42501', 'permission denied for table consent_records', 'the records are not');
reset role;

-- A newer wording.
select lives_ok($$select private.require_consents(md5('anna')::uuid, array['adult']::public.consent_purpose[])$$, 'her consent holds');
insert into public.consent_wordings values ('adult', '2026-11-15', 'I am at least 18 years old.', now() - interval '1 hour'),
	('adult', '2999-01-01', 'From a later day on.', now() + interval '1 day');
select throws_ok($$select private.require_consents(md5('anna')::uuid, array['adult']::public.consent_purpose[])$$, 'PT403',
	'A consent that this step needs is missing.', 'a new step needs the new wording');
select act_as('anna');
select throws_ok($$insert into public.consent_records (purpose, version) values ('adult', '2999-01-01')$$, 'PT409', null, 'not one of the future');
select lives_ok($$insert into public.consent_records (purpose, version) values ('adult', '2026-11-15')$$, 'agreeing again');
reset role;
select results_eq($$select version from public.consent_records where owner_id = md5('anna')::uuid and withdrawn_at is null$$,
	$$values ('2026-11-15')$$, 'replaces the older consent');

-- Work under way.
select consent('bert');
select ok(private.is_permitted(person('bert'), 'studio'), 'with all four consents work may go on');
insert into public.consent_wordings values ('terms', '2026-11-16', 'New terms.', now() - interval '1 hour');
select ok(private.is_permitted(person('bert'), 'studio'), 'also when a wording is replaced meanwhile');
select act_as('bert');
update public.consent_records set withdrawn_at = now() where purpose = 'private_model';
reset role;
select ok(not private.is_permitted(person('bert'), 'studio'), 'but not once one is withdrawn');
select ok(private.is_permitted(person('bert'), 'instant'), 'instant, which makes no model, goes on without that one');
select act_as('bert');
update public.consent_records set withdrawn_at = now() where purpose = 'photo_processing';
reset role;
select ok(not private.is_permitted(person('bert'), 'instant'), 'but not without the photos');

select * from finish();
rollback;
