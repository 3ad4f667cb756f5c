begin;
set local search_path = extensions, tests, public;
select no_plan();

select person('anna'), consent('anna');
create function pg_temp.subscribe(p_plan text) returns uuid language plpgsql as $$
declare v_id uuid;
begin
	select subscription_id into v_id from service.open_subscription(md5('anna')::uuid, p_plan);
	perform service.record_subscription_session(v_id, 'cs_1');
	perform service.judge_subscription(v_id, 'cs_1', 'complete', 'sub_1', 'cus_1');
	perform service.settle_subscription('sub_1', v_id, 'active', p_plan, '2026-11-25', '2026-12-25', false, now());
	return v_id;
end $$;
select set_config('tests.plan', pg_temp.subscribe('monthly')::text, true);

create function pg_temp.invoice(p_month integer, p_status text default 'paid', p_amount integer default 1500, p_id text default null, p_currency text default 'usd', p_attempts integer default 1)
returns text language sql as $$
	select service.settle_invoice(coalesce(p_id, 'in_' || p_month), 'sub_1', p_status, p_amount, p_currency, jsonb_build_array(jsonb_build_object(
		'item', 'si_1', 'plan', 'monthly', 'amount', p_amount, 'is_proration', false,
		'period_start', timestamptz '2026-11-25' + make_interval(months => p_month),
		'period_end', timestamptz '2026-11-25' + make_interval(months => p_month + 1))), 'pi_' || coalesce(p_id, p_month::text), p_attempts)
$$;
select is(pg_temp.invoice(0, 'open', p_attempts => 0), 'not_due', 'an invoice that nobody has charged yet grants nothing');
select is(pg_temp.invoice(0, p_amount => 0), 'nothing_due', 'a trial costs nothing and gives nothing');
select is(pg_temp.invoice(0, p_amount => 100), 'mismatched', 'another price is somebody''s to look at');
select is(pg_temp.invoice(0, p_currency => 'eur'), 'mismatched', 'as is another currency');
select is(balance('anna', 'headshot'), '0+0', 'so far there is no credit');
select is(pg_temp.invoice(0), 'granted', 'a paid month grants');
select is(pg_temp.invoice(0), 'already_granted', 'once by its invoice');
select is(pg_temp.invoice(0, p_id => 'in_other'), 'already_granted', 'and once by its item and period');
select is(balance('anna', 'headshot') || ' ' || balance('anna', 'training'), '20+0 1+0', 'twenty portraits, and a model with the first month');
select is(service.settle_invoice('in_x', 'sub_x', 'paid', 1500, 'usd', '[]'), 'unknown_subscription', 'a foreign invoice is nobody''s');
select results_eq($$select status::text, charged, shoot_id, period_end from public.orders$$, $$values ('paid', 1500, null::uuid, timestamptz '2026-12-25')$$, 'each month is an order');
select is((select count(*) from private.mails where template = 'plan_paid'), 1::bigint, 'one mail says so');

-- What is not used stays for another month, up to twenty.
select is(pg_temp.invoice(1), 'granted', 'the next month');
select is(balance('anna', 'headshot') || ' ' || balance('anna', 'training'), '40+0 1+0', 'twenty more; a model comes once');
select is(pg_temp.invoice(2), 'granted', 'a third');
select is(balance('anna', 'headshot'), '40+0', 'no more than twenty roll over');
select results_eq($$select available, reason from public.credit_entries where kind = 'lapse'$$,
	$$values (-20, 'Monthly: up to 20 unused portraits stay for another month; 20 lapsed')$$, 'and the ledger says why');
select set_config('tests.shoot', paid('anna', 'essential')::text, true);
select is(balance('anna', 'headshot'), '60+0', 'a pack beside it');
select is(pg_temp.invoice(3), 'granted', 'a fourth month');
select is(balance('anna', 'headshot'), '60+0', 'what a pack gave does not lapse');
select is(private.plan_left(md5('anna')::uuid), 40, 'forty of them are the plan''s');

-- A plan's portraits are used first.
select private.open_hold(s, 'headshot', 30, 'test', 'For the test') from public.shoots s where id = current_setting('tests.shoot')::uuid;
select is(private.plan_left(md5('anna')::uuid), 10, 'what is worked on counts as the plan''s');
select private.capture_hold(id, 'test:' || n, 'Delivered') from public.credit_holds, generate_series(1, 25) as n where key = 'test';
select private.release_hold(id, 'test-back:' || n, 'Not delivered') from public.credit_holds, generate_series(1, 5) as n where key = 'test';
select is(private.plan_left(md5('anna')::uuid), 15, 'and is the plan''s again when it comes back');
select is(pg_temp.invoice(4), 'granted', 'a fifth month');
select is(balance('anna', 'headshot'), '55+0', 'fifteen rolled over, twenty came, the pack''s twenty stay');

-- A payment that fails takes nothing away.
select is(pg_temp.invoice(5, 'open'), 'payment_failed', 'a declined card');
select is(pg_temp.invoice(5, 'open', p_attempts => 2), 'payment_failed', 'declined again');
select is(balance('anna', 'headshot'), '55+0', 'what was paid for stays');
select ok(payment_failed_at is not null, 'the account says so') from public.subscriptions;
select is((select count(*) from private.mails where template = 'plan_payment_failed'), 1::bigint, 'one mail per invoice');
select is(pg_temp.invoice(5), 'granted', 'then it is paid after all');
select ok(payment_failed_at is null, 'and the account is in order') from public.subscriptions;

-- A switch to the larger plan, halfway.
create function pg_temp.switch(p_id text, p_new integer, p_old integer, p_from text default 'monthly', p_to text default 'monthly_plus') returns text language sql as $$
	select service.settle_invoice(p_id, 'sub_1', 'paid', p_new - p_old, 'usd', jsonb_build_array(
		jsonb_build_object('item', 'si_1', 'plan', p_from, 'amount', -p_old, 'is_proration', true, 'period_start', '2027-05-10', 'period_end', '2027-05-25'),
		jsonb_build_object('item', 'si_1', 'plan', p_to, 'amount', p_new, 'is_proration', true, 'period_start', '2027-05-10', 'period_end', '2027-05-25')), 'pi_' || p_id)
$$;
select set_config('tests.before', (select available from public.credit_balances where owner_id = md5('anna')::uuid and unit = 'headshot')::text, true);
select is(pg_temp.switch('in_s1', 1750, 750), 'granted', 'half a month of the larger plan');
select is((select available from public.credit_balances where owner_id = md5('anna')::uuid and unit = 'headshot') - current_setting('tests.before')::integer, 20, 'gives half of the difference');
select is(pg_temp.switch('in_s1', 1750, 750), 'already_granted', 'once');
select is(pg_temp.switch('in_s2', 3500, 1500), 'granted', 'to and fro');
select is(pg_temp.switch('in_s3', 3500, 1500), 'nothing_due', 'never gives more in a month than the larger plan');
select is(pg_temp.switch('in_s4', 750, 1750, 'monthly_plus', 'monthly'), 'nothing_due', 'and down gives nothing');
select is((select count(*) from private.ledger_differences()), 0::bigint, 'the books balance');

-- Ended: what is left lapses no more.
select service.settle_subscription('sub_1', current_setting('tests.plan')::uuid, 'canceled', 'monthly', '2027-04-25', '2027-05-25', false, now() + interval '1 hour');
select is(private.plan_left(md5('anna')::uuid), 0, 'after the end nothing is the plan''s any more');
select service.record_late_invoice('in_late', 'monthly', 'pi_late', 1500, 'usd', 1500);
select is((select count(*) from private.payment_records where stripe_invoice_id = 'in_late' and refunded = 1500), 1::bigint, 'a payment of nobody is kept without a name');
select * from finish();
rollback;
