begin;
set local search_path = extensions, tests, public;
select no_plan();

select person('anna'), person('bert');
select set_config('tests.shoot', draft('anna')::text, true);
create function pg_temp.open(p_owner text default 'anna') returns setof record language sql as $$
	select o from service.open_order(md5(p_owner)::uuid, current_setting('tests.shoot')::uuid) as o
$$;

select throws_ok($$select pg_temp.open()$$, 'PT403', 'A consent that this step needs is missing.', 'nobody buys without the consents');
select consent('anna'); select consent('bert');
select throws_ok($$select pg_temp.open('bert')$$, 'PT404', 'There is no such shoot.', 'nobody buys for another''s shoot');
select is_empty($$select from public.orders$$, 'after the refusals there is no order');

select act_as_role('service_role');
select results_eq(
	$$select offer_name, amount, currency, email, stripe_customer_id, open_session_id, superseded_session_id, checkout_version
		from service.open_order(md5('anna')::uuid, current_setting('tests.shoot')::uuid)$$,
	$$values ('Essential', 2900, 'usd', 'anna@example.com', null::text, null::text, null::text, 1)$$,
	'an order has its price from the catalogue');
reset role;
select ok(service.record_checkout_session(id, 'cs_1'), 'its page is noted') from public.orders;
select ok(service.record_checkout_session(id, 'cs_1'), 'and noted again when the first answer was lost') from public.orders;
select ok(not service.record_checkout_session(id, 'cs_other'), 'another page is not the one it waits for') from public.orders;
select ok(not service.record_checkout_session(gen_random_uuid(), 'cs_1'), 'nor is any page of an order that was erased meanwhile');
select results_eq($$select open_session_id from service.open_order(md5('anna')::uuid, current_setting('tests.shoot')::uuid)$$,
	$$values ('cs_1')$$, 'a second tab finds the page that is open');
select is((select count(*) from public.orders), 1::bigint, 'in the same order');

-- Another offer before paying.
update public.shoots set offer_id = 'signature' where id = current_setting('tests.shoot')::uuid;
select results_eq($$select amount, open_session_id, superseded_session_id from service.open_order(md5('anna')::uuid, current_setting('tests.shoot')::uuid)$$,
	$$values (4900, null, 'cs_1')$$, 'another offer is another order, and says which page to close');
select results_eq($$select run_at from private.jobs where key = 'settle_checkout:cs_1'$$, $$select now() + interval '25 hours'$$,
	'whose last word is heard in any case');
select results_eq($$select amount, status::text from public.orders order by amount$$, $$values (2900, 'expired'), (4900, 'pending')$$, 'one is pending');
select service.record_checkout_session(id, 'cs_2') from public.orders where status = 'pending';

-- What does not pay does not grant.
create function pg_temp.settle(p_session text, p_status text, p_payment text, p_amount integer, p_currency text default 'usd', as_of timestamptz default now())
returns text language sql as $$
	select service.settle_order(p_session_id => p_session, p_session_status => p_status, p_payment_status => p_payment,
		p_amount_subtotal => p_amount, p_amount_total => p_amount, p_currency => p_currency, p_payment_intent_id => 'pi_' || p_session,
		p_customer_id => 'cus_1', p_invoice_id => 'in_1', as_of => $6)
$$;
select is(pg_temp.settle('cs_2', 'open', 'unpaid', 4900), 'still_open', 'an open page is waited for');
select is(pg_temp.settle('cs_2', 'complete', 'unpaid', 4900), 'still_open', 'so is a delayed payment');
select is(pg_temp.settle('cs_9', 'complete', 'paid', 4900), 'unknown_order', 'a foreign session is nobody''s');
select is(pg_temp.settle('cs_2', 'complete', 'paid', 100), 'mismatched', 'an edited price grants nothing');
select is(balance('anna', 'headshot'), '0+0', 'so far there is no credit');
select is(status::text, 'draft', 'and the shoot is a draft') from public.shoots where id = current_setting('tests.shoot')::uuid;
select is(pg_temp.settle('cs_2', 'complete', 'paid', 4900, 'eur'), 'mismatched', 'nor does another currency');

select is(pg_temp.settle('cs_2', 'complete', 'paid', 4900), 'granted', 'the paid session grants');
select is(pg_temp.settle('cs_2', 'complete', 'paid', 4900), 'already_granted', 'once');
select is(pg_temp.settle('cs_2', 'expired', 'unpaid', 4900), 'already_granted', 'and nothing later takes it back');
select is(balance('anna', 'headshot'), '60+0', 'sixty portraits');
select is(balance('anna', 'training'), '1+0', 'and one training');
select is(status::text, 'paid', 'the shoot is paid') from public.shoots where id = current_setting('tests.shoot')::uuid;
select results_eq($$select template, data ->> 'amount' from private.mails$$, $$values ('order_paid', '4900')$$, 'one mail says so');
select throws_ok($$select pg_temp.open()$$, 'PT409', 'This shoot has been paid.', 'it cannot be bought again');
select results_eq($$select session_id, status::text from service.order_of_shoot(md5('anna')::uuid, current_setting('tests.shoot')::uuid)$$,
	$$values ('cs_2', 'paid')$$, 'the order of the shoot is the paid one');
select throws_ok($$select service.order_of_shoot(md5('bert')::uuid, current_setting('tests.shoot')::uuid)$$, 'PT404', null, 'for its owner');
select is(service.invoice_of_order(md5('anna')::uuid, id), 'in_1', 'it has an invoice') from public.orders where status = 'paid';
select throws_ok(format('select service.invoice_of_order(%L, %L)', md5('bert')::uuid, id), 'PT404', 'There is no such order.', 'for its owner')
from public.orders where status = 'paid';

-- The page that was thought closed is paid after all: paid is paid.
select is(pg_temp.settle('cs_1', 'complete', 'paid', 2900), 'granted', 'a superseded page that was paid is granted, too');
select is(balance('anna', 'headshot'), '80+0', 'its twenty are added');
select is(offer_id, 'signature', 'the shoot stays what was paid first') from public.shoots where id = current_setting('tests.shoot')::uuid;
select is(service.settle_order('cs_3', 'complete', 'paid', 4900, 4900, 'usd', (select id from public.orders where amount = 4900)), 'mismatched',
	'a second session of one order is for somebody to look at');
select is(balance('anna', 'headshot'), '80+0', 'and grants nothing');

-- Delayed payments end.
select set_config('tests.shoot', draft('bert')::text, true);
select service.record_checkout_session(order_id, 'cs_c') from service.open_order(md5('bert')::uuid, current_setting('tests.shoot')::uuid);
select is(pg_temp.settle('cs_c', 'complete', 'failed', 2900), 'payment_failed', 'a delayed payment that came back has failed');
select is(pg_temp.settle('cs_c', 'complete', 'unpaid', 2900, 'usd', now() + interval '15 days'), 'payment_failed', 'after two weeks a delayed payment has failed');
select is(pg_temp.settle('cs_c', 'complete', 'paid', 2900), 'granted', 'unless it comes');
-- An expired page.
select set_config('tests.shoot', draft('bert')::text, true);
select service.record_checkout_session(order_id, 'cs_d') from service.open_order(md5('bert')::uuid, current_setting('tests.shoot')::uuid);
select is(pg_temp.settle('cs_old', 'expired', 'unpaid', 2900), 'unknown_order', 'another session''s end is not this one''s');
select is(pg_temp.settle('cs_d', 'expired', 'unpaid', 2900), 'expired', 'a page that expired closes its order');
select results_eq($$select open_session_id from service.open_order(md5('bert')::uuid, current_setting('tests.shoot')::uuid)$$,
	$$values (null::text)$$, 'the next try is a new order');
-- An idempotency key is not used again after Stripe may have forgotten or changed what it stands for.
select results_eq($$select checkout_version from service.open_order(md5('bert')::uuid, current_setting('tests.shoot')::uuid, now() + interval '30 minutes')$$,
	$$values (1)$$, 'soon after, a lost answer is asked for again under the same key');
select results_eq($$select checkout_version from service.open_order(md5('bert')::uuid, current_setting('tests.shoot')::uuid, now() + interval '3 hours')$$,
	$$values (2)$$, 'much later under a new one');

-- As owner, stranger, anonymous.
select act_as('anna');
select is((select count(status) from public.orders), 2::bigint, 'a person sees their orders');
select throws_ok($$select stripe_checkout_session_id from public.orders$$, '42501', 'permission denied for table orders', 'but not what opens Stripe''s page');
select throws_ok($$update public.orders set status = 'paid'$$, '42501', 'permission denied for table orders', 'and pays nothing by writing');
select throws_ok($$insert into public.orders (shoot_id, offer_id, amount, currency) values (gen_random_uuid(), 'complete', 1, 'usd')$$,
	'42501', 'permission denied for table orders', 'or orders at a price of their own');
select act_as('bert');
select is_empty($$select status from public.orders where owner_id = md5('anna')::uuid$$, 'a stranger sees none of them');
select act_as_role('anon');
select throws_ok($$select status from public.orders$$, '42501', 'permission denied for table orders', 'nor does anon');
reset role;
select results_eq($$select distinct status::text from public.orders where owner_id = md5('anna')::uuid$$, $$values ('paid')$$, 'after all this they are what they were');

delete from auth.users where id = md5('anna')::uuid;
select is((select count(*) from public.orders where owner_id is null and shoot_id is null and status = 'paid'), 2::bigint,
	'payment records outlive the account, with no name on them');
select is((select count(*) from private.ledger_differences()), 0::bigint, 'the books balance');

select * from finish();
rollback;
