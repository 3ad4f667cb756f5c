begin;
set local search_path = extensions, tests, public;
select no_plan();

select person('anna'), person('bert');
select throws_ok($$select service.open_subscription(md5('anna')::uuid, 'monthly')$$, 'PT403', null, 'nobody subscribes without the consents');
select consent('anna'), consent('bert');
select throws_ok($$select service.open_subscription(md5('anna')::uuid, 'signature')$$, 'PT404', 'There is no such plan.', 'a pack is no plan');
select is_empty($$select from public.subscriptions$$, 'so far there is none');

select act_as_role('service_role');
select results_eq($$select amount, currency, email, stripe_customer_id, open_session_id, superseded_session_id, checkout_version, may_use_code
		from service.open_subscription(md5('anna')::uuid, 'monthly')$$,
	$$values (1500, 'usd', 'anna@example.com', null::text, null::text, null::text, 1, true)$$, 'a plan has its price from the catalogue');
reset role;
select service.record_subscription_session(id, 'cs_1') from public.subscriptions;
select results_eq($$select open_session_id from service.open_subscription(md5('anna')::uuid, 'monthly')$$, $$values ('cs_1')$$, 'a second tab finds the page that is open');
select results_eq($$select open_session_id, superseded_session_id from service.open_subscription(md5('anna')::uuid, 'monthly_plus')$$,
	$$values (null::text, 'cs_1')$$, 'another plan closes it');
select is((select count(*) from public.subscriptions where status = 'pending'), 1::bigint, 'one page per person');
select service.record_subscription_session(id, 'cs_2') from public.subscriptions where status = 'pending';
select set_config('tests.plan', (select id from public.subscriptions where status = 'pending')::text, true);

create function pg_temp.stripe(p_status text, p_heard interval default '0', p_plan text default 'monthly_plus', p_ending boolean default false, p_sub text default 'sub_1')
returns text language sql as $$
	select settlement from service.settle_subscription(p_sub, current_setting('tests.plan')::uuid, p_status, p_plan,
		'2026-11-25', '2026-12-25', p_ending, now() + p_heard, 'cus_1')
$$;
select results_eq($$select * from service.settle_subscription('sub_1', current_setting('tests.plan')::uuid, 'active', 'monthly_plus', '2026-11-25', '2026-12-25', false, now())$$,
	$$values ('not_judged', 'cs_2')$$, 'an event that comes before the page was judged says which page');
select is(service.judge_subscription(current_setting('tests.plan')::uuid, 'cs_2', 'open'), 'still_open', 'an open page is waited for');
select is(service.judge_subscription(current_setting('tests.plan')::uuid, 'cs_2', 'complete', 'sub_1', 'cus_1', 'promo_1'), 'judged', 'a paid one counts');
select is(service.judge_subscription(current_setting('tests.plan')::uuid, 'cs_2', 'complete', 'sub_1', 'cus_1', 'promo_1'), 'judged', 'twice the same');
select is(service.judge_subscription(current_setting('tests.plan')::uuid, 'cs_9', 'complete', 'sub_9'), 'mismatched', 'another subscription in its name does not');
select is(pg_temp.stripe('active'), 'settled', 'the plan is what Stripe says');
select is(pg_temp.stripe('past_due', '-1 hour'), 'stale', 'an older answer never overwrites a newer one');
select is(pg_temp.stripe('active', p_sub => 'sub_7'), 'unknown_subscription', 'a second subscription for the same row is nobody''s');
select results_eq($$select status::text, offer_id, is_ending, next_check_at from public.subscriptions where id = current_setting('tests.plan')::uuid$$,
	$$values ('active', 'monthly_plus', false, now() + interval '1 day')$$, 'so it stands');
select throws_ok($$select service.open_subscription(md5('anna')::uuid, 'monthly')$$, 'PT409', 'You have a plan already.', 'one live plan per person');
select is(service.customer_of_person(md5('anna')::uuid), 'cus_1', 'the portal is their own');
select throws_ok($$select service.customer_of_person(md5('bert')::uuid)$$, 'PT404', null, 'who has never paid has none');

-- Two pages, both paid: the second is refused.
insert into public.subscriptions (owner_id, offer_id, status, stripe_checkout_session_id) values (md5('anna')::uuid, 'monthly', 'pending', 'cs_3');
select is(service.judge_subscription(id, 'cs_3', 'complete', 'sub_3'), 'promotion_used', 'a second plan goes back') from public.subscriptions where stripe_checkout_session_id = 'cs_3';
select is(status::text, 'refused', 'and is refused') from public.subscriptions where stripe_checkout_session_id = 'cs_3';
-- A code once per payer, for packs and plans alike.
select set_config('tests.shoot', draft('anna')::text, true);
select results_eq($$select may_use_code from service.open_order(md5('anna')::uuid, current_setting('tests.shoot')::uuid)$$, $$values (false)$$, 'who has used a code is asked for none');
select service.record_checkout_session(id, 'cs_4') from public.orders where shoot_id = current_setting('tests.shoot')::uuid;
select is(service.settle_order('cs_4', 'complete', 'paid', 2900, 2320, 'usd', id, p_payment_intent_id => 'pi_4', p_promotion_code_id => 'promo_1'), 'promotion_used',
	'the same code on another page goes back') from public.orders where shoot_id = current_setting('tests.shoot')::uuid;
select is(service.settle_order('cs_4', 'complete', 'paid', 2900, 2320, 'usd', id, p_payment_intent_id => 'pi_4', p_promotion_code_id => 'promo_1'), 'promotion_used',
	'however often it is said') from public.orders where shoot_id = current_setting('tests.shoot')::uuid;
select is(balance('anna', 'headshot'), '0+0', 'and grants nothing');

-- The end.
select is(pg_temp.stripe('active', '1 minute', p_ending => true), 'settled', 'cancelled at the end of the period');
select ok(is_ending, 'it says so') from public.subscriptions where id = current_setting('tests.plan')::uuid;
select is(pg_temp.stripe('canceled', '2 minutes'), 'settled', 'ended');
select is(pg_temp.stripe('active', '3 minutes'), 'stale', 'what has ended stays ended');
select is((select count(*) from private.mails where template = 'plan_ended'), 1::bigint, 'one mail says so');
select lives_ok($$select service.open_subscription(md5('anna')::uuid, 'monthly')$$, 'then there may be another one');

-- The sweep asks by itself.
select service.record_subscription_session(id, 'cs_5') from public.subscriptions where status = 'pending';
select is(service.sweep_due(now() + interval '3 minutes'), 1, 'an open page is asked about');
select isnt_empty($$select from private.jobs where key = 'settle_checkout:cs_5'$$, 'by a job');
update private.jobs set dead_at = now();
update public.subscriptions set next_check_at = now();
select private.enqueue('settle_subscription', 'subscription_id', stripe_subscription_id)
from public.subscriptions where stripe_subscription_id is not null;
update private.jobs set dead_at = now() where kind = 'settle_subscription';
select service.sweep_due();
select isnt_empty($$select from private.jobs where key = 'settle_checkout:cs_5' and dead_at is not null$$,
	'a page that was given up is left to be seen');
select is_empty($$select from private.jobs where kind = 'settle_subscription' and dead_at is not null$$,
	'what has become of a plan is asked again, also when it had been given up');
select isnt_empty($$select from private.jobs where kind = 'settle_subscription'$$, 'by its job');

-- As owner, stranger, anonymous.
select act_as('anna');
select is((select count(id) from public.subscriptions where status = 'canceled'), 1::bigint, 'a person sees their plan');
select throws_ok($$select stripe_subscription_id from public.subscriptions$$, '42501', null, 'but not its number at Stripe');
select throws_ok($$update public.subscriptions set status = 'active'$$, '42501', null, 'and moves nothing');
select throws_ok($$insert into public.subscriptions (offer_id, status) values ('monthly', 'active')$$, '42501', null, 'nor makes one');
select act_as('bert');
select is_empty($$select id from public.subscriptions$$, 'a stranger sees none');
select act_as_role('anon');
select throws_ok($$select id from public.subscriptions$$, '42501', null, 'nor does anon');
reset role;
select * from finish();
rollback;
