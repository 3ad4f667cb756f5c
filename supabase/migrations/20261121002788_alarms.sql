-- What somebody has to look at, in one place. The sweep writes each to the log as an error at every ring,
-- so that whoever watches the log is woken, until it is mended.

create function private.isolation_gaps()
returns setof text
language sql
stable
set search_path = ''
as $$
	select 'no row-level security on ' || c.oid::regclass
	from pg_catalog.pg_class c
	where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relrowsecurity
	union all
	select format('policy %s on %s.%s does not ask who is asking', p.policyname, p.schemaname, p.tablename)
	from pg_catalog.pg_policies p
	join pg_catalog.pg_attribute a
		on a.attrelid = format('%I.%I', p.schemaname, p.tablename)::regclass and a.attname in ('owner_id', 'bucket_id')
	where p.schemaname in ('public', 'storage') and coalesce(p.qual, p.with_check) !~ 'person\(\)'
	union all
	select 'bucket ' || id || ' is public' from storage.buckets where public
$$;
comment on function private.isolation_gaps is
	'Where one person could see what is another''s, read off the catalogue: whatever the migrations meant, this is what is.';

create type service.alarm_kind as enum (
	'isolation', 'dead_job', 'late_work', 'difference', 'books_not_compared', 'doors_closed', 'request_urgent', 'request_overdue',
	'review_due', 'erasure_late', 'redaction_late', 'ledger', 'photos_past_their_time', 'guessing'
);
comment on type service.alarm_kind is 'What can be wrong. docs/operations.md says of each what to do.';

create function service.alarms(as_of timestamptz default now())
returns table (kind service.alarm_kind, detail text)
language sql
stable
security definer
set search_path = ''
as $$
	select found.kind::service.alarm_kind, found.detail
	from (
		select 'isolation' as kind, gap as detail from private.isolation_gaps() as gap
		union all
		select 'dead_job', j.kind || ' ' || j.id from private.jobs j where j.dead_at > as_of - interval '7 days'
		union all
		select case when is_overdue then 'request_overdue' else 'request_urgent' end, id::text
		from private.requests_to_answer where is_urgent
		union all
		select 'erasure_late', id::text from private.erasures where active_erased_at is null and alarmed_at is not null
		union all
		-- A contract, or security.txt, that has to be looked at again. Of a company that is off there is nothing to look at.
		select 'review_due', r.what || ' ' || r.until from private.review_dates r
		left join private.processors p on p.id = r.what
		where coalesce(p.is_on, true) and r.until <= as_of + interval '30 days'
		union all
		-- Stripe takes a week at most; a receipt has named the day.
		select 'redaction_late', j.id::text from private.jobs j
		where j.kind = 'redact_customer'
			and (j.payload ->> 'redactable_at')::timestamptz < as_of - interval '14 days'
		union all
		select 'ledger', d::text from private.ledger_differences() as d
		union all
		-- What waits for room at a provider may wait.
		select 'late_work', kind from private.jobs
		where dead_at is null and kind not in ('submit_generation', 'make_portrait')
			and run_at <= as_of - interval '15 minutes' and (leased_until is null or leased_until <= as_of)
		group by kind
		union all
		select 'difference', kind || ' ' || subject from private.reconciliation_differences where outcome is null
		union all
		select 'books_not_compared', keeper from private.reconciliation_turns
		where keeper <> 'drill' and coalesce(ended_at, taken_at) < as_of - interval '6 hours'
		union all
		select 'doors_closed', case when held_at is not null then 'by hand'
			when tombstones_at is null then 'set back: tombstones are awaited' else 'set back' end from private.serving
		where num_nonnulls(held_at, closed_at) > 0
		union all
		-- Who restricts the use of their data has it stored for as long as that lasts.
		select 'photos_past_their_time', count(*)::text
		from public.photos p join public.profiles o using (owner_id)
		where p.deleted_at is null and p.keep_until < as_of - interval '1 hour' and o.restricted_at is null
		having count(*) > 0
		union all
		-- Somebody tries many accounts from one place, or one account from many.
		select 'guessing', network from public.sign_in_attempts
		where at > as_of - interval '15 minutes' and at <= as_of and network is not null
		group by network having count(*) filter (where kind in ('code_tried', 'refused')) > 60
	) as found
$$;
comment on function service.alarms is
	'What somebody has to look at now. Ids only: no name, no address. Empty is good.';
grant execute on function service.alarms to service_role;

create table private.alarm_mails (
	kind service.alarm_kind not null,
	detail text not null,
	first_at timestamptz not null,
	mailed_at timestamptz not null,
	primary key (kind, detail)
);
comment on table private.alarm_mails is 'Which alarms the operator has been written to about: each once a day until it is mended.';

create function service.alarms_to_mail(as_of timestamptz default now())
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_now jsonb;
	v_due jsonb;
begin
	select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'detail', detail)), '[]') into v_now
	from (select distinct kind, detail from service.alarms(as_of)) as alarm;
	delete from private.alarm_mails m
	where not v_now @> jsonb_build_array(jsonb_build_object('kind', m.kind, 'detail', m.detail));
	with due as (
		insert into private.alarm_mails as m (kind, detail, first_at, mailed_at)
		select (a ->> 'kind')::service.alarm_kind, a ->> 'detail', as_of, as_of from jsonb_array_elements(v_now) as a
		on conflict (kind, detail) do update set mailed_at = as_of where m.mailed_at <= as_of - interval '1 day'
		returning kind, detail
	)
	select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'detail', detail) order by kind, detail), '[]')
	into v_due from due;
	return v_due;
end $$;
comment on function service.alarms_to_mail is 'The alarms to write to the operator about now: new ones, and those of yesterday that still stand. What is mended is forgotten.';
grant execute on function service.alarms_to_mail to service_role;
