begin;
set local search_path = extensions, tests, public;
select no_plan();

select consent('anna'), person('bert');
select set_config('tests.shoot', paid('anna')::text, true);
select is(balance('anna', 'training') || ' ' || balance('anna', 'headshot'), '1+0 20+0', 'an order grants');
select is(balance('bert', 'headshot'), '0+0', 'an account begins with nothing');

create function pg_temp.hold(p_amount integer, p_key text) returns uuid language sql as $$
	select private.open_hold(s, 'headshot', p_amount, p_key, 'Set aside') from public.shoots s where id = current_setting('tests.shoot')::uuid
$$;
select set_config('tests.hold', pg_temp.hold(3, 'h1')::text, true);
select is(balance('anna', 'headshot'), '17+3', 'a hold sets aside');
select throws_ok($$select pg_temp.hold(18, 'h2')$$, 'PT402', 'There are not enough portrait credits left.', 'no more than there is');
select is_empty($$select from public.credit_holds where key = 'h2'$$, 'the refused hold is not there');
select is(balance('anna', 'headshot'), '17+3', 'and has moved nothing');
select throws_ok($$select pg_temp.hold(1, 'h1')$$, 'P0001', 'held twice: h1', 'once per cause');
select is(balance('anna', 'headshot'), '17+3', 'and the second one has moved nothing, either');
select is((private.hold_of('h1')).id, current_setting('tests.hold')::uuid, 'by its cause it is found');
select private.capture_hold(current_setting('tests.hold')::uuid, 'g1', 'Delivered');
select is(balance('anna', 'headshot'), '17+2', 'a capture spends what was set aside');
select throws_ok($$select private.capture_hold(current_setting('tests.hold')::uuid, 'g1', 'Delivered')$$, 'P0001', 'captured twice: g1', 'once per cause');
select is(balance('anna', 'headshot'), '17+2', 'the second one spends nothing');
select private.release_hold(current_setting('tests.hold')::uuid, 'g2', 'Failed');
select is(balance('anna', 'headshot'), '18+1', 'a release gives back');
select private.release_hold(current_setting('tests.hold')::uuid, 'g3', 'Failed');
select throws_ok($$select private.release_hold(current_setting('tests.hold')::uuid, 'g4', 'Failed')$$, '23514', null, 'no more than was held');
select is(balance('anna', 'headshot'), '19+0', 'the refused one gives nothing');
select ok(not private.move_credits(md5('anna')::uuid, 'headshot', 'grant', 5, 0, (select key from public.credit_entries where kind = 'grant' and unit = 'headshot'), 'Again'),
	'a cause that was entered is not entered again');
select throws_ok($$select private.move_credits(md5('anna')::uuid, 'headshot', 'grant', -5, 0, 'k', 'x')$$, '23514', null, 'a grant gives');
select throws_ok($$select private.move_credits(md5('anna')::uuid, 'headshot', 'capture', -1, -1, 'k', 'x', p_hold_id => current_setting('tests.hold')::uuid)$$,
	'23514', null, 'a capture moves only what is held');
select throws_ok($$select private.move_credits(md5('anna')::uuid, 'headshot', 'hold', -1, 1, 'k', 'x')$$, '23514', null, 'a hold is named');

-- Append-only, for everybody.
select throws_ok($$update public.credit_entries set available = 1000 where kind = 'grant'$$, '42501', 'The credit ledger is append-only.', 'no entry is changed');
select throws_ok($$delete from public.credit_entries$$, '42501', 'The credit ledger is append-only.', 'or deleted');
select throws_ok($$select private.move_credits(md5('anna')::uuid, 'headshot', 'refund', -1000, 0, 'too much', 'x')$$, 'PT402', null, 'no balance goes below zero');
select throws_ok($$update public.credit_balances set held = -1$$, '23514', null, 'nothing less than nothing is held');
select is((select count(*) from private.ledger_differences()), 0::bigint, 'the books balance');
savepoint honest;
update public.credit_balances set available = available + 1 where owner_id = md5('anna')::uuid and unit = 'headshot';
select results_eq($$select what, stated, summed from private.ledger_differences()$$, $$values ('available headshot', 20::bigint, 19::bigint)$$, 'a wrong balance is found');
rollback to savepoint honest;
update public.credit_holds set released = released - 1;
select results_eq($$select what from private.ledger_differences() order by 1$$, $$values ('open holds headshot'), ('released of hold')$$, 'so is a wrong hold');
rollback to savepoint honest;
insert into public.credit_entries (owner_id, unit, kind, available, held, hold_id, key, reason)
values (md5('anna')::uuid, 'headshot', 'capture', 0, -1, gen_random_uuid(), 'of nothing', 'x');
select results_eq($$select what, stated, summed from private.ledger_differences() where what like '%of hold' order by 1$$,
	$$values ('amount of hold', null::bigint, 0::bigint), ('captured of hold', null, 1), ('released of hold', null, 0)$$, 'and an entry whose hold is not there');
rollback to savepoint honest;
insert into public.credit_holds (owner_id, shoot_id, unit, amount, key) values (md5('anna')::uuid, gen_random_uuid(), 'headshot', 1, 'h1');
select ok(exists (select from private.ledger_differences() where what = 'amount of hold' and stated = 1 and summed is null), 'and a hold without an entry');
rollback to savepoint honest;

-- As owner, stranger, anonymous, service.
select act_as('anna');
select is((select sum(available) from public.credit_entries where unit = 'headshot'), 19::bigint, 'a person reads their ledger');
select is((select available from public.credit_balances where unit = 'headshot'), 19, 'and balance');
select is((select count(*) from public.credit_holds), 1::bigint, 'and holds');
select throws_ok($$update public.credit_balances set available = 9999$$, '42501', 'permission denied for table credit_balances', 'and gives themselves nothing');
select throws_ok($$insert into public.credit_entries (unit, kind, available, held, key, reason) values ('headshot', 'grant', 99, 0, 'mine', 'x')$$, '42501',
	'permission denied for table credit_entries', 'nor enters anything');
select throws_ok($$update public.credit_holds set released = 0$$, '42501', 'permission denied for table credit_holds', 'nor touches a hold');
select act_as('bert');
select is_empty($$select from public.credit_entries$$, 'a stranger sees no entry');
select is((select count(*) from public.credit_balances), 2::bigint, 'and the own balances only');
select act_as_role('anon');
select throws_ok($$select from public.credit_entries$$, '42501', 'permission denied for table credit_entries', 'anon sees nothing');
select act_as_role('service_role');
select throws_ok($$update public.credit_balances set available = 9999$$, '42501', 'permission denied for table credit_balances', 'the service role moves credits only by its functions');
reset role;
select is(balance('anna', 'headshot'), '19+0', 'after all this the balance is what it was');

delete from auth.users where id = md5('anna')::uuid;
select is_empty($$select from public.credit_entries where owner_id = md5('anna')::uuid$$, 'with the account its entries go: the one way out');
select is_empty($$select from public.credit_holds where owner_id = md5('anna')::uuid$$, 'and its holds');

-- Shoots that are started with credits.
create function pg_temp.refund(p_shoot_id uuid) returns text language sql as $$
	select service.refund_order('pi_cs_' || p_shoot_id, 2900, 'usd',
		jsonb_build_array(jsonb_build_object('id', 're_' || p_shoot_id, 'amount', 2900, 'status', 'succeeded'))) $$;
select consent('cora');
create temporary table bought as select paid('cora') as id;
create temporary table moved as select draft('cora', 'essential', 'instant') as id;
select throws_ok($$select service.start_with_credits(md5('cora')::uuid, id, 21) from moved$$, 'PT402', null, 'not for more portraits than there are credits');
select throws_ok($$select service.start_with_credits(md5('cora')::uuid, id, 0) from moved$$, 'PT402', null, 'nor for none');
select throws_ok($$select service.start_with_credits(md5('nobody')::uuid, id, 1) from moved$$, 'PT404', null, 'nor another''s');
select is(service.start_with_credits(md5('cora')::uuid, id, 5), 5, 'credits that are left start a shoot on the other engine') from moved;
select is(service.start_with_credits(md5('cora')::uuid, id, 9), 5, 'a second click changes nothing') from moved;
select upload(id, 1) from moved;
select service.seal_photos(md5('cora')::uuid, id) from moved;
select results_eq($$select available, held from public.credit_balances where owner_id = md5('cora')::uuid and unit = 'headshot'$$,
	$$values (15, 5)$$, 'as many as were asked for are set aside');
create temporary table second as select paid('cora') as id;
select is((select available from public.credit_balances where owner_id = md5('cora')::uuid and unit = 'headshot'), 35, 'another order brings its own');
select pg_temp.refund(id) from bought;
select results_eq($$select available, held from public.credit_balances where owner_id = md5('cora')::uuid and unit = 'headshot'$$,
	$$values (20, 5)$$, 'a refund takes back what no shoot has used, and not the other order''s');
select is(status::text, 'generating', 'what was set aside is made') from public.shoots where id = (select id from moved);
select pg_temp.refund(id) from second;
select results_eq($$select available, held from public.credit_balances where owner_id = md5('cora')::uuid and unit = 'headshot'$$,
	$$values (0, 5)$$, 'the other one takes back all of its own');
create temporary table poor as select draft('cora') as id;
select throws_ok($$select service.start_with_credits(md5('cora')::uuid, id, 1) from poor$$, 'PT402', null, 'without credits nothing starts');
insert into public.credit_entries (owner_id, unit, kind, available, held, key, reason) values (md5('cora')::uuid, 'headshot', 'adjustment', 3, 0, 'gift', 'A gift');
update public.credit_balances set available = 3 where owner_id = md5('cora')::uuid and unit = 'headshot';
select throws_ok($$select service.start_with_credits(md5('cora')::uuid, id, 1) from poor$$, 'PT402', 'There is no training credit left.', 'the studio needs a training, too');

select * from finish();
rollback;
