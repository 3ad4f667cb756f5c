begin;
set local search_path = extensions, tests, public;
select no_plan();

-- Google sends more than we may keep.
insert into auth.users (id, email, raw_user_meta_data)
values (person('ghost'), 'ghost@example.com', '{}') on conflict do nothing;
insert into auth.users (id, email, raw_user_meta_data) values (
	'00000000-0000-4000-8000-00000000000a', 'anna@example.com',
	'{"full_name": "Anna Ash", "name": "Anna Ash", "email": "anna@example.com", "email_verified": true, "sub": "108",
	  "iss": "https://accounts.google.com", "provider_id": "108", "picture": "https://lh3/x", "avatar_url": "https://lh3/x",
	  "locale": "de", "hd": "example.com", "custom_claims": {"hd": "example.com"}, "phone_verified": false, "birthday": "1990"}');
select is(raw_user_meta_data,
	'{"full_name": "Anna Ash", "name": "Anna Ash", "email": "anna@example.com", "email_verified": true, "sub": "108",
	  "iss": "https://accounts.google.com", "provider_id": "108"}'::jsonb,
	'of what Google sends only name, e-mail and ids are kept')
from auth.users where id = '00000000-0000-4000-8000-00000000000a';
insert into auth.identities (id, provider, provider_id, user_id, identity_data) values (
	gen_random_uuid(), 'google', '108', '00000000-0000-4000-8000-00000000000a',
	'{"sub": "108", "email": "anna@example.com", "picture": "https://lh3/x", "locale": "de", "hd": "example.com"}');
select is(identity_data, '{"sub": "108", "email": "anna@example.com"}'::jsonb, 'also in the identity')
from auth.identities where provider_id = '108';
update auth.users set raw_user_meta_data = raw_user_meta_data || '{"picture": "x", "name": {"a": "b"}}'
where email = 'anna@example.com';
select is(raw_user_meta_data ->> 'picture', null, 'also at the next sign-in') from auth.users where email = 'anna@example.com';
select is(raw_user_meta_data ->> 'name', null, 'and nothing is hidden in a value') from auth.users where email = 'anna@example.com';

select results_eq($$select name, email from public.profiles where owner_id = '00000000-0000-4000-8000-00000000000a'$$,
	$$values ('Anna Ash', 'anna@example.com')$$, 'an account has a profile');
update auth.users set email = 'new@example.com' where email = 'anna@example.com';
select is(email, 'new@example.com', 'which follows a new address') from public.profiles where owner_id = '00000000-0000-4000-8000-00000000000a';
insert into auth.users (id, email, raw_user_meta_data)
values ('00000000-0000-4000-8000-00000000000b', 'long@example.com', jsonb_build_object('full_name', repeat('n', 10000000)));
select is(char_length(name), 100, 'a name of 10 MB does not stop a sign-up') from public.profiles where email = 'long@example.com';
select is(octet_length(raw_user_meta_data ->> 'full_name'), 320, 'and is not kept') from auth.users where email = 'long@example.com';
insert into auth.users (id, email) values ('00000000-0000-4000-8000-00000000000c', 'quiet@example.com');
select is(name, null, 'a sign-in by e-mail has no name yet') from public.profiles where email = 'quiet@example.com';

-- As the owner.
select person('anna'), person('bert');
select act_as('anna');
select is((select count(*) from public.profiles), 1::bigint, 'a person sees one profile');
select lives_ok($$update public.profiles set name = '🌿 Анна'$$, 'and may change the name');
select throws_ok($$update public.profiles set name = repeat('n', 101)$$, '23514', null, 'to one of at most 100 letters');
select throws_ok($$update public.profiles set email = 'x@example.com'$$, '42501', 'permission denied for table profiles', 'but not the address');
select throws_ok($$delete from public.profiles$$, '42501', 'permission denied for table profiles', 'nor delete it');
select is(name, '🌿 Анна', 'after the refusals it is what it was') from public.profiles;
-- As a stranger.
select act_as('bert');
select is_empty($$select from public.profiles where email = 'anna@example.com'$$, 'a stranger does not see it');
update public.profiles set name = 'Mallory' where owner_id = md5('anna')::uuid;
reset role;
select is(name, '🌿 Анна', 'nor changes it') from public.profiles where email = 'anna@example.com';
select is(name, 'Bert', 'the update touched nobody') from public.profiles where email = 'bert@example.com';
-- Anonymous, and the service role.
select act_as_role('anon');
select throws_ok($$select from public.profiles$$, '42501', 'permission denied for table profiles', 'anon sees no profile');
reset role;
select act_as_role('service_role');
select throws_ok($$select from public.profiles$$, '42501', 'permission denied for table profiles', 'the service role has functions, not tables');
reset role;

-- Closed: a token that is still good opens nothing, of any table.
select draft('anna');
update public.profiles set blocked_at = now() where owner_id = md5('anna')::uuid;
select act_as('anna');
select is_empty($$select from public.profiles union all select from public.shoots union all select from public.consent_records$$,
	'a closed account sees nothing of its own');
update public.profiles set name = 'Back';
select throws_ok($$insert into public.shoots (offer_id, name) values ('essential', 'Again')$$, '42501', null, 'and adds nothing');
reset role;
select is(name, '🌿 Анна', 'nor changes anything') from public.profiles where owner_id = md5('anna')::uuid;

-- Fresh: signed in ten minutes ago at most, whatever was done to stay signed in.
insert into auth.sessions (id, user_id, created_at, updated_at, refreshed_at) values
	('00000000-0000-4000-8000-0000000000a1', md5('anna')::uuid, now() - interval '9 minutes', now(), null),
	('00000000-0000-4000-8000-0000000000a2', md5('anna')::uuid, now() - interval '10 minutes', now(), now());
select ok(service.is_session_fresh(md5('anna')::uuid, '00000000-0000-4000-8000-0000000000a1'), 'nine minutes are fresh');
select ok(not service.is_session_fresh(md5('anna')::uuid, '00000000-0000-4000-8000-0000000000a2'), 'ten are not, also when it was refreshed since');
select ok(not service.is_session_fresh(md5('bert')::uuid, '00000000-0000-4000-8000-0000000000a1'), 'another''s session is nobody''s proof');
select ok(not service.is_session_fresh(md5('anna')::uuid, null), 'nor is none');
select ok(not service.is_session_fresh(md5('anna')::uuid, '00000000-0000-4000-8000-0000000000a1', now() + interval '1 minute'), 'and it ends');

delete from auth.users where email = 'bert@example.com';
select is_empty($$select from public.profiles where email = 'bert@example.com'$$, 'with the account the profile goes');

select * from finish();
rollback;
