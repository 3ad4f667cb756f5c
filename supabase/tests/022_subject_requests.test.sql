begin;
set local search_path = extensions, tests, public;
select no_plan();

-- By mail: the operator enters it.
select person('anna');
select person('ben');
create temporary table entered as select private.enter_request(' Anna@Example.com ', 'access') as answer;
select results_eq($$select kind, channel, owner_id, email, acknowledged_at is not null, due_at - received_at
	from private.subject_requests$$,
	$$values ('access', 'mail', md5('anna')::uuid, 'anna@example.com', true, interval '30 days')$$,
	'a request by mail is the account''s, acknowledged at once and due in 30 days');
select results_eq($$select m.template, t.email from private.mails m, service.mail_to_send(m.id) t where m.request_id is not null$$,
	$$values ('request_received', 'anna@example.com')$$, 'the acknowledgement goes to the address that asked');
select results_eq('select kind, days_left, is_urgent, is_overdue from private.requests_to_answer',
	$$values ('access', 30, false, false)$$, 'it stands in the operator''s queue');
update private.subject_requests set received_at = now() - interval '23 days', due_at = now() + interval '7 days';
select ok(is_urgent and not is_overdue, 'a week before the end it is urgent') from private.requests_to_answer;
update private.subject_requests set received_at = now() - interval '30 days', due_at = now();
select ok(is_overdue, 'after it, overdue') from private.requests_to_answer;
select throws_ok($$update private.subject_requests set due_at = now() + interval '1 year'$$, '23514', null, 'nobody moves the day');
select private.close_request(id, 'done') from private.subject_requests;
select is_empty('select from private.requests_to_answer', 'closed, it leaves the queue');
select throws_ok($$select private.close_request(id, 'done') from private.subject_requests$$, 'PT404', null, 'and is closed once');
select is((select count(*) from private.mails where template = 'request_closed'), 1::bigint, 'the answer goes out');

select lives_ok($$select private.enter_request('nobody@example.com', 'erasure')$$, 'who has no account is answered too');
select is(outcome, 'nothing_held', 'with: nothing is held') from private.subject_requests where email = 'nobody@example.com';
select lives_ok($$select private.enter_request('ben@example.com', 'objection')$$, 'an objection is carried out at once');
select ok(restricted_at is not null, 'nothing of theirs is worked on any more') from public.profiles where owner_id = md5('ben')::uuid;
select is((select count(*) from private.subject_requests where owner_id = md5('ben')::uuid), 1::bigint, 'and it is one request, not two');
select throws_ok($$select private.enter_request('ben@example.com', 'marketing')$$, '23514', null, 'only rights are requests');

-- In the app.
select person('carl');
update public.profiles set restricted_at = now() where owner_id = md5('carl')::uuid;
select results_eq($$select kind, channel, outcome from private.subject_requests where owner_id = md5('carl')::uuid$$,
	$$values ('restriction', 'app', 'done')$$, 'what a person does in the app is noted as answered');
select private.open_own_request('rectification', md5('carl')::uuid), private.open_own_request('rectification', md5('carl')::uuid);
select results_eq($$select acknowledged_at = received_at, due_at - received_at from private.subject_requests where kind = 'rectification'$$,
	$$values (true, interval '30 days')$$, 'asked twice while it is open, it is one; acknowledged as it comes');
create temporary table carls as select id from private.subject_requests where owner_id = md5('carl')::uuid;
delete from auth.users where id = md5('carl')::uuid;
select results_eq($$select distinct outcome, owner_id, email, details from private.subject_requests where id in (select id from carls)$$,
	$$values ('done', null::uuid, null::text, null::text)$$, 'with the account gone it is done, and says of nobody');

-- Without an account.
select act_as_role('anon');
insert into public.takedowns (email, details, address) values ('Me@Example.com', 'My face is on example.com/team, and it is not me.', '203.0.113.9');
select throws_ok($$select from public.takedowns$$, '42501', null, 'the door cannot be read');
select throws_ok($$insert into public.takedowns (email, details) values ('not an address', 'long enough to be words')$$, 'PT422', null, 'an address is needed');
select throws_ok($$insert into public.takedowns (email, details) values ('me@example.com', 'short')$$, 'PT422', null, 'and words');
select throws_ok($$insert into public.takedown_confirmations (token) values (gen_random_uuid())$$, 'PT404', null, 'a guessed link confirms nothing');
reset role;
select is_empty('select from public.takedowns', 'nothing stays behind the door');
create temporary table request as select * from private.subject_requests where channel = 'form';
select results_eq('select kind, email, confirmed_at, acknowledged_at from request',
	$$values ('takedown', 'me@example.com', null::timestamptz, null::timestamptz)$$, 'it waits for its mail to be answered');
select is_empty($$select from private.requests_to_answer where channel = 'form'$$, 'and is no work before that');
select is((select m.data ->> 'token' from private.mails m join request r on r.id = m.request_id), (select token::text from request),
	'only the mail knows the link');
grant select on request to anon;
select act_as_role('anon');
insert into public.takedown_confirmations (token) select token from request;
insert into public.takedown_confirmations (token) select token from request;
reset role;
select is((select count(*) from private.requests_to_answer where channel = 'form'), 1::bigint, 'confirmed, twice or once, it is in the queue once');
select is((select count(*) from private.mails where template = 'request_received' and request_id = (select id from request)), 1::bigint,
	'and acknowledged once');
select private.close_request(id, 'done') from request;
select act_as_role('anon');
select throws_ok($$insert into public.takedown_confirmations (token) select token from request$$, 'PT404', null, 'after its end the link is dead');

-- How often.
select lives_ok($$insert into public.takedowns (email, details) values ('me@example.com', 'Another one, elsewhere.')$$, 'a second one');
select lives_ok($$insert into public.takedowns (email, details) values ('me@example.com', 'Another one, elsewhere.')$$, 'a third');
select throws_ok($$insert into public.takedowns (email, details) values ('me@example.com', 'Another one, elsewhere.')$$, 'PT429', null,
	'the fourth within the hour is refused');
reset role;

-- The end.
update private.subject_requests set received_at = now() - interval '2 days', due_at = now() + interval '28 days' where channel = 'form' and confirmed_at is null;
select private.prune_requests(now());
select is_empty($$select from private.subject_requests where channel = 'form' and confirmed_at is null$$, 'what nobody confirmed is forgotten after a day, and its mail with it');
select private.prune_requests(now() + interval '31 days');
select is_empty($$select from private.subject_requests where closed_at is not null and num_nonnulls(email, details) > 0$$,
	'a month after the end nobody''s address is left');
select private.prune_requests(now() + interval '2 years' + interval '1 day');
select is_empty($$select from private.subject_requests where closed_at is not null$$, 'after two years the request is gone');

select act_as('anna');
select throws_ok($$select from private.subject_requests$$, '42501', 'permission denied for schema private', 'no person reaches the requests');
reset role;

select * from finish();
rollback;
