begin;
set local search_path = extensions, tests, public;
select no_plan();

-- Whatever day it is: these have been looked at.
update private.review_dates set until = current_date + 300;
select is_empty('select * from service.alarms()', 'with nothing wrong there is no alarm');

update private.review_dates set until = current_date + case what when 'fal' then 30 when 'stripe' then 31 when 'r2' then -1 when 'security.txt' then -1 else 300 end;
select results_eq($$select detail from service.alarms() where kind = 'review_due' order by 1$$,
	$$values ('fal ' || (current_date + 30)), ('security.txt ' || (current_date - 1))$$,
	'a contract whose review is a month away is told of, and so is what has run out; of a company that is off nothing is');
update private.review_dates set until = current_date + 300;

create table public.leak (owner_id uuid, secret text);
select is_empty($$select * from service.alarms() where detail not like '%public.leak%' and detail not like '%leak'$$, 'only what is wrong alarms');
select isnt_empty($$select from service.alarms() where kind = 'isolation'$$, 'a table without row-level security does');
alter table public.leak enable row level security;
select is_empty('select * from service.alarms()', 'until it is mended');
create policy everybody on public.leak for select to authenticated using (true);
select is((select detail from service.alarms()), 'policy everybody on public.leak does not ask who is asking', 'a policy that lets everybody in does');
drop table public.leak;
update storage.buckets set public = true where id = 'photos';
select is((select detail from service.alarms()), 'bucket photos is public', 'and a public bucket');
update storage.buckets set public = false;

select person('anna');
select private.enter_request('anna@example.com', 'access');
update private.subject_requests set received_at = now() - interval '24 days', due_at = now() + interval '6 days';
select is((select kind from service.alarms()), 'request_urgent', 'a request in its last week does');
update private.subject_requests set received_at = now() - interval '31 days', due_at = now() - interval '1 day';
select is((select kind from service.alarms()), 'request_overdue', 'and one that is late');
select unalike((select detail from service.alarms()), '%@%', 'without saying whose');
select private.close_request(id, 'done') from private.subject_requests;
update private.jobs set dead_at = now() where kind = 'send_mail';
select is((select distinct kind from service.alarms()), 'dead_job', 'work that was given up does');


-- To the operator's mail: each once a day, until it is mended.
insert into private.jobs (key, kind, payload, priority, run_at, max_attempts)
values ('settle_checkout:late', 'settle_checkout', '{"session_id": "cs"}', 1, now() - interval '20 minutes', 9);
select is((select detail from service.alarms() where kind = 'late_work'), 'settle_checkout', 'work that is due and not done does');
select is((select count(*)::integer from jsonb_array_elements(service.alarms_to_mail()) as a where a ->> 'kind' = 'late_work'), 1, 'it is mailed');
select is(service.alarms_to_mail(now() + interval '1 hour'), '[]', 'once');
select is((select count(*)::integer from jsonb_array_elements(service.alarms_to_mail(now() + interval '25 hours')) as a where a ->> 'kind' = 'late_work'), 1, 'and again the next day');
delete from private.jobs where key = 'settle_checkout:late';
select service.alarms_to_mail(now() + interval '25 hours');
select is_empty($$select from private.alarm_mails where kind = 'late_work'$$, 'mended, it is forgotten');

select act_as('anna');
select throws_ok('select service.alarms()', '42501', 'permission denied for schema service', 'no person asks for them');
reset role;

select * from finish();
rollback;
