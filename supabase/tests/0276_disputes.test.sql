begin;
set local search_path = extensions, tests, public;
select no_plan();

select person('anna'), person('bert'), consent('anna'), consent('bert');
select set_config('tests.shoot', generating('anna')::text, true);
select set_config('tests.intent', (select stripe_payment_intent_id from public.orders)::text, true);
create function pg_temp.bank(p_status text, p_heard interval default '0', p_id text default 'du_1') returns text language sql as $$
	select service.settle_dispute(p_id, current_setting('tests.intent'), p_status, 2900, 'usd', now() + p_heard)
$$;
select submit(id), deliver(id) from public.generations;
select is(balance('anna', 'headshot') || ' ' || balance('anna', 'training'), '0+0 0+0', 'everything was used');

select act_as_role('service_role');
select is(service.settle_dispute('issfr_1', current_setting('tests.intent'), 'warning_needs_response', 2900, 'usd', now()), 'noted', 'an inquiry freezes nothing');
reset role;
select ok(private.is_in_good_standing(md5('anna')::uuid), 'work goes on');
select is(pg_temp.bank('needs_response'), 'frozen', 'a dispute freezes');
select is(pg_temp.bank('lost', '-1 minute'), 'stale', 'an older answer changes nothing');
select isnt_empty($$select from private.mails where template = 'dispute_opened'$$, 'and the person is told');
select throws_ok($$select private.open_hold(s, 'headshot', 1, 'x', 'x') from public.shoots s$$, 'PT409', 'Your bank is being asked about one of your payments.', 'nothing new begins');
select throws_ok($$select service.open_subscription(md5('anna')::uuid, 'monthly')$$, 'PT409', null, 'no plan either');
select lives_ok($$select service.read_data(md5('anna')::uuid)$$, 'a copy works as always');
select lives_ok($$select service.start_export(md5('anna')::uuid)$$, 'and can be taken away');
select throws_ok($$select service.ask_refund(md5('anna')::uuid, (select id from public.orders))$$, 'PT409', 'Your bank is asked about this payment already.', 'no refund beside it');
select is(pg_temp.bank('won', '1 minute'), 'noted', 'won');
select ok(private.is_in_good_standing(md5('anna')::uuid), 'and thawed');
select is(balance('anna', 'headshot'), '0+0', 'nothing moved');

-- Lost after everything was used: a debt.
select is(pg_temp.bank('needs_response', p_id => 'du_2'), 'frozen', 'another one');
select is(pg_temp.bank('lost', '2 minutes', 'du_2'), 'taken_back', 'lost');
select is(pg_temp.bank('lost', '3 minutes', 'du_2'), 'noted', 'is taken once');
select is(balance('anna', 'headshot') || ' ' || balance('anna', 'training'), '-20+0 -1+0', 'what was used is owed');
select throws_ok($$select private.require_good_standing(md5('anna')::uuid)$$, 'PT402', 'A payment was taken back after it had been used: you owe 1 training and 20 portraits.', 'and new work waits for it');
select is(status::text, 'refunded', 'the shoot is over') from public.shoots;
select is((select count(*) from public.headshots where deleted_at is null), 20::bigint, 'the portraits stay');
select lives_ok($$select service.start_export(md5('anna')::uuid)$$, 'data rights work');
select is(pg_temp.bank('appeal_under_review', '4 minutes', 'du_2'), 'frozen', 'an appeal freezes');
select is(pg_temp.bank('won', '5 minutes', 'du_2'), 'restored', 'and may be won');
select is(balance('anna', 'headshot') || ' ' || balance('anna', 'training'), '0+0 0+0', 'then nothing is owed');
select is(pg_temp.bank('lost', '6 minutes', 'du_2'), 'taken_back', 'or lost again');
select paid('anna', 'signature');
select is(balance('anna', 'headshot') || ' ' || balance('anna', 'training'), '40+0 0+0', 'what is owed comes off what is bought next');
select ok(private.is_in_good_standing(md5('anna')::uuid), 'and work goes on');
select is((select count(*) from private.ledger_differences()), 0::bigint, 'the books balance');

-- The dispute is told before its payment.
select set_config('tests.intent', 'pi_early', true);
select is(pg_temp.bank('needs_response', p_id => 'du_3'), 'unknown_payment', 'nobody knows its payment yet');
select set_config('tests.shoot', draft('bert')::text, true);
select service.record_checkout_session(order_id, 'early') from service.open_order(md5('bert')::uuid, current_setting('tests.shoot')::uuid);
select is(settle(current_setting('tests.shoot')::uuid, 'early'), 'granted', 'then the payment comes');
select ok(private.is_frozen(md5('bert')::uuid), 'and is frozen at once');

-- As owner, stranger, anonymous.
select act_as('bert');
select results_eq($$select status from public.disputes$$, $$values ('needs_response')$$, 'a person sees what their bank asks');
select throws_ok($$update public.disputes set status = 'won'$$, '42501', null, 'and decides nothing');
select act_as_role('anon');
select throws_ok($$select status from public.disputes$$, '42501', null, 'nor does anon');
reset role;
select * from finish();
rollback;
