-- The sweep finds what was lost or forgotten and enqueues it. Where pg_cron, pg_net and Vault exist it
-- is rung by them, together with the job runner; elsewhere by whoever hosts the stack.

create function service.sweep_due(as_of timestamptz default now())
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_found integer := 0;
	v_row record;
begin
	-- First, because it begins with shoots, as everybody does who has orders in hand later.
	v_found := private.refund_undelivered(as_of);
	-- Trainings and generations: waiting without a job, or submitted and not heard of for a minute.
	for v_row in
		-- Collecting also looks for a request whose answer was lost; a submit would wait for capacity, which that request takes.
		select case when t.status = 'running' then 'collect_training' else 'start_training' end as kind,
			'training_id' as id_name, t.id::text as id
		from public.trainings t
		where t.status in ('queued', 'running')
			and coalesce(t.heard_at, t.submitted_at, t.created_at) <= as_of - interval '60 seconds'
		union all
		select case when g.status = 'running' and g.engine = 'studio'
				then 'collect_generation' else private.making_kind(g.engine) end,
			'generation_id', g.id::text
		from (
			select id, engine, status from public.generations
			where finished_at is null and status = 'running' and submitted_at <= as_of - interval '60 seconds'
			union all
			select id, engine, status from public.generations
			where finished_at is null and status = 'queued' and created_at <= as_of - interval '60 seconds'
		) as g
		-- By key, as a crowd of webhooks wakes them.
		order by 1, 3
	loop
		continue when exists (
			select from private.jobs where key = v_row.kind || ':' || v_row.id);
		perform private.enqueue(v_row.kind, v_row.id_name, v_row.id);
		v_found := v_found + 1;
	end loop;
	-- Open checkouts: after two minutes, then at growing distances, up to an hour. Live plans: once a day.
	for v_row in
		with asked as (
			update public.orders
			set next_check_at = as_of
				+ least(greatest((as_of - opened_at) / 2, interval '120 seconds'), interval '1 hour')
			where id in (
				select id from public.orders
				where status = 'pending' and stripe_checkout_session_id is not null and next_check_at <= as_of
				order by id for no key update)
			returning stripe_checkout_session_id as id
		)
		-- Plans before orders, and these by id: as an erasure locks them.
		select kind, id_name, id from private.plans_to_ask(as_of)
		union all
		select 'settle_checkout', 'session_id', id from asked
		order by 1, 3
	loop
		-- A page that was given up is left to be seen, and found again should it be paid. What has become of a plan is
		-- asked again every day.
		continue when exists (
			select from private.jobs
			where key = v_row.kind || ':' || v_row.id and (v_row.kind = 'settle_checkout' or dead_at is null));
		perform private.enqueue(v_row.kind, v_row.id_name, v_row.id);
		v_found := v_found + 1;
	end loop;
	perform private.end_uploads(as_of);
	perform private.announce_endings(as_of);
	perform private.prune(as_of);
	return v_found;
end $$;
comment on function service.sweep_due is
	'Enqueues what was lost: an answer, a webhook, a job. Tells people what will vanish soon, and prunes. Dead jobs are left to be seen.';
grant execute on function service.sweep_due to service_role;

-- Only where the three extensions are to be had: silent elsewhere.
do $$
begin
	if (
		select count(*) from pg_available_extensions where name in ('pg_cron', 'pg_net', 'supabase_vault')
	) < 3 then
		return;
	end if;
	create extension if not exists pg_cron;
	create extension if not exists pg_net with schema extensions;

	-- Address and secret are read from Vault at every ring, so that they can be changed there.
	execute $function$
		create function private.ring(p_function text)
		returns void
		language sql
		set search_path = ''
		as $body$
			select net.http_post(
				url := address.decrypted_secret || '/' || p_function,
				headers := jsonb_build_object(
					'content-type', 'application/json', 'x-cron-secret', secret.decrypted_secret),
				body := '{}'::jsonb,
				timeout_milliseconds := 10000
			)
			from vault.decrypted_secrets as address, vault.decrypted_secrets as secret
			where address.name = 'functions_url' and secret.name = 'cron_secret'
		$body$
	$function$;
	perform cron.schedule('run-jobs', '* * * * *', $job$select private.ring('run-jobs')$job$);
	perform cron.schedule('sweep', '*/2 * * * *', $job$select private.ring('sweep')$job$);
end $$;
