begin;
set local search_path = extensions, tests, public;
select no_plan();

select consent('anna');
create function pg_temp.waiting() returns bigint language sql as $$
	select count(*) from private.jobs where key = 'update_customer:' || md5('anna')::uuid
$$;

-- Stripe does not know her yet.
update public.profiles set name = 'Annie' where owner_id = md5('anna')::uuid;
create function pg_temp.asked() returns text language sql as $$
	select string_agg(coalesce(outcome, 'open'), ' ' order by received_at, closed_at nulls last) from private.subject_requests
	where owner_id = md5('anna')::uuid and kind = 'rectification' and channel = 'app'
$$;
select is(pg_temp.asked(), 'done', 'a correction is a request, answered at once');
select is(pg_temp.waiting(), 0::bigint, 'whom Stripe does not know it is not told of');
select is_empty($$select * from service.customers_to_update(md5('anna')::uuid)$$, 'nor is there anything to tell');

insert into private.stripe_customers (owner_id, stripe_customer_id) values (md5('anna')::uuid, 'cus_1'), (md5('anna')::uuid, 'cus_2');
select act_as('anna');
update public.profiles set name = 'Annie' where owner_id = md5('anna')::uuid;
reset role;
select is(pg_temp.waiting(), 0::bigint, 'the same name is no news');
select act_as('anna');
update public.profiles set name = 'Anna B.' where owner_id = md5('anna')::uuid;
reset role;
select is(pg_temp.waiting(), 1::bigint, 'another name is');
update auth.users set email = 'anna-b@example.com' where id = md5('anna')::uuid;
select is(pg_temp.waiting(), 1::bigint, 'one job carries both');
select is(pg_temp.asked(), 'done open', 'and one request waits for Stripe to be told');
select act_as_role('service_role');
select results_eq($$select * from service.customers_to_update(md5('anna')::uuid)$$, $$values ('cus_1', 'anna-b@example.com', 'Anna B.'), ('cus_2', 'anna-b@example.com', 'Anna B.')$$, 'as they are when it runs');
select service.record_customer_updated(md5('anna')::uuid);
reset role;
select is(pg_temp.asked(), 'done done', 'then it is done');
update public.profiles set blocked_at = now() where owner_id = md5('anna')::uuid;
select is_empty($$select * from service.customers_to_update(md5('anna')::uuid)$$, 'of an account that is being erased nothing is told any more');

select finish();
rollback;
