begin;
set local search_path = extensions, tests, public;
select no_plan();

-- Tokens: so many in any span of time.
create function pg_temp.take(p_at interval) returns interval language sql as $$
	select private.take_token('t', 'anna', 3, '10 minutes', now() + p_at) - now()
$$;
select is(pg_temp.take('0 min'), null, 'the first');
select is(pg_temp.take('1 min'), null, 'the second');
select is(pg_temp.take('9 min'), null, 'the third');
select is(pg_temp.take('9 min 30 s'), interval '10 min', 'the fourth waits for the first to be ten minutes old');
select is(pg_temp.take('10 min'), null, 'then it is taken');
select is(pg_temp.take('10 min'), interval '11 min', 'the next waits for the second');
select is(private.take_token('t', 'bert', 3, '10 minutes'), null, 'somebody else waits for nobody');

-- Payment pages.
select consent('anna');
create function pg_temp.buy() returns void language sql as $$
	select service.open_order(person('anna'), draft('anna'))
$$;
select pg_temp.buy() from generate_series(1, 5);
select throws_ok('select pg_temp.buy()', 'PT429', 'That was asked for very often just now.', 'the sixth page for paying in ten minutes is refused');
select is((select count(*) from public.orders), 5::bigint, 'and no order is left of it');
select lives_ok(format('select service.open_order(person(''anna''), %L)', shoot_id), 'an open one is found again, as often as one likes')
from public.orders, generate_series(1, 8) limit 8;
update private.rate_tokens set taken = array(select x - interval '11 minutes' from unnest(taken) as x);
select lives_ok('select pg_temp.buy()', 'ten minutes later one may again');


-- Many accounts, one network: that of their last sign-in.
select consent(n) from unnest(array['carl', 'dora', 'emil', 'fred', 'gina']) as n;
insert into public.sign_in_attempts (kind, email, address)
select 'signed_in', p.email, a.address from public.profiles p, (values ('carl', '203.0.113.1'), ('dora', '203.0.113.2'), ('emil', '203.0.113.3'), ('fred', '203.0.113.4'), ('gina', '203.0.113.5')) as a (name, address)
where p.owner_id = md5(a.name)::uuid;
select service.open_order(person(n), draft(n)) from unnest(array['carl', 'dora', 'emil', 'fred']) as n, generate_series(1, 5);
select throws_ok($$select service.open_order(person('gina'), draft('gina'))$$, 'PT429', null, 'of one network the twenty-first page for paying in ten minutes is refused, whoever asks');
insert into public.sign_in_attempts (kind, email, address, at) select 'signed_in', email, '198.51.100.77', now() + interval '1 s' from public.profiles where owner_id = md5('gina')::uuid;
select lives_ok($$select service.open_order(person('gina'), draft('gina'))$$, 'from elsewhere it is opened');

-- Copies of what is held, from one network: fifty in an hour, five for each of ten.
create function pg_temp.signs_in(p_name text, p_address text) returns void language sql as $$
	insert into public.sign_in_attempts (kind, email, address, at)
	select 'signed_in', email, p_address, now() + interval '2 s' from public.profiles where owner_id = person(p_name)
$$;
select person('guest' || n) from generate_series(1, 11) as n;
select pg_temp.signs_in('guest' || n, '192.0.2.' || n) from generate_series(1, 11) as n;
select service.start_export(person('guest' || n)) from generate_series(1, 10) as n, generate_series(1, 5);
select throws_ok($$select service.start_export(person('guest11'))$$, 'PT429', null, 'the fifty-first copy is refused, whoever asks');
select is((select count(*) from private.exports), 50::bigint, 'and nothing is left of it');
select pg_temp.signs_in('anna', '198.51.100.200');
select lives_ok($$select service.start_export(person('anna'))$$, 'from elsewhere one is made');
select lives_ok($$select service.start_export(person('guest11'), now() + interval '61 minutes')$$, 'and from there an hour later');
select lives_ok($$select pg_temp.signs_in('guest11', '10.0.0.1'), service.start_export(person('guest11'))$$, 'behind our own proxy nobody is counted with others');
delete from public.sign_in_attempts;
delete from private.rate_tokens;

-- Signing in: by anon, who may write and never read.
select act_as_role('anon');
insert into public.sign_in_attempts (kind, email, address)
select 'code_asked', ' Anna@Example.com ', '203.0.113.77' from generate_series(1, 5);
select throws_ok($$insert into public.sign_in_attempts (kind, email, address) values ('code_asked', 'anna@example.com', '198.51.100.1')$$,
	'PT429', null, 'the sixth code for an address is refused, from wherever');
select lives_ok($$insert into public.sign_in_attempts (kind, email, address) values ('code_asked', 'bert@example.com', '203.0.113.78')$$, 'another address gets one');
select throws_ok($$select from public.sign_in_attempts$$, '42501', null, 'anon reads nothing of it');
select throws_ok($$insert into public.sign_in_attempts (kind, email_hash) values ('code_asked', 'x')$$, '42501', null, 'nor writes what it likes');
reset role;
select is((select count(*) from public.sign_in_attempts), 6::bigint, 'six are noted');
select is_empty($$select from public.sign_in_attempts where email is not null or address is not null$$, 'without address or e-mail');
select results_eq($$select distinct network, length(email_hash) from public.sign_in_attempts$$, $$values ('203.0.113.0/24', 64)$$, 'but shortened and hashed');
select is((select count(*) from public.sign_in_attempts a, private.rate_tokens t where a::text ilike '%anna%' or t.subject ilike '%example.com' or t.subject like '203.0.113.7%'), 0::bigint, 'nowhere readable');
select is(private.network_of(a), n, coalesce(n, 'no address at all')) from (values
	('203.0.113.77', '203.0.113.0/24'), ('2001:db8:1:2:3::4', '2001:db8:1::/48'), ('::ffff:203.0.113.9', '203.0.113.0/24'), ('nonsense', null), ('', null)
) as x (a, n);
insert into public.sign_in_attempts (kind, email, address) select 'code_asked', n || '@example.com', '198.51.100.' || n from generate_series(1, 60) as n;
select throws_ok($$insert into public.sign_in_attempts (kind, email, address) values ('code_asked', 'z@example.com', '198.51.100.250')$$, 'PT429', null,
	'a network asks for sixty in a quarter of an hour');
select lives_ok($$insert into public.sign_in_attempts (kind, email, address) select 'code_asked', n || '@example.org', '10.0.0.1' from generate_series(1, 70) as n$$,
	'our own proxy is not taken for one visitor');
select lives_ok($$insert into public.sign_in_attempts (kind, email, address) select 'signed_in', 'anna@example.com', '198.51.100.9' from generate_series(1, 70) as n$$,
	'who gets in is not counted against');
insert into public.sign_in_attempts (kind, email, address) select 'code_tried', 'carl@example.com', null from generate_series(1, 10);
select throws_ok($$insert into public.sign_in_attempts (kind, email, address) values ('code_tried', 'carl@example.com', null)$$, 'PT429', null, 'a code is guessed ten times at most');

-- A refusal takes its own row back: the web app writes another, which is not limited and not repeated within the minute.
select act_as_role('anon');
insert into public.sign_in_attempts (kind, email, address) select 'refused', 'Carl@example.com', '198.51.100.7' from generate_series(1, 40);
reset role;
select results_eq($$select network, length(email_hash), email, address, count(*) from public.sign_in_attempts where kind = 'refused' group by 1, 2, 3, 4$$,
	$$values ('198.51.100.0/24', 64, null::text, null::text, 1::bigint)$$, 'what was refused is noted, once a minute, shortened and hashed');
update public.sign_in_attempts set at = at - interval '61 seconds' where kind = 'refused';
insert into public.sign_in_attempts (kind, email, address) values ('refused', 'carl@example.com', '198.51.100.8');
select is((select count(*) from public.sign_in_attempts where kind = 'refused'), 2::bigint, 'and again after it');

select service.sweep_due(now() + interval '29 days');
select isnt_empty($$select from public.sign_in_attempts$$, 'the security log is kept');
select service.sweep_due(now() + interval '31 days');
select is_empty($$select from public.sign_in_attempts$$, 'for 30 days');
select is_empty($$select from private.rate_tokens$$, 'and what was counted with it');

select * from finish();
rollback;
