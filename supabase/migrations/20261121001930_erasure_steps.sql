-- Erasure steps: what lies elsewhere (files, providers, Stripe, the sign-in) follows by a job,
--   step by step, and a step is done when there is evidence, never before.

create table private.erasure_steps (
	erasure_id uuid not null references private.erasures (id) on delete cascade,
	kind text not null constraint erasure_steps_kind_is_known check (kind in
		('rows', 'checkout', 'refund', 'stripe', 'provider', 'files', 'tombstone', 'sign_in')),
	state text not null default 'open' constraint erasure_steps_state_is_known check (state in ('open', 'done')),
	plan jsonb,
	attempts integer not null default 0,
	last_error text,
	evidence jsonb,
	done_at timestamptz,
	primary key (erasure_id, kind),
	constraint erasure_steps_are_done_with_evidence
		check ((state = 'done') = (evidence is not null and done_at is not null)),
	constraint erasure_steps_forget_their_plan check (state = 'open' or plan is null)
);
comment on table private.erasure_steps is 'What has to be destroyed where. A step is done when there is evidence, and never before.';
comment on column private.erasure_steps.plan is 'What the step needs to know of rows that are gone already: ids at Stripe, requests under way. Forgotten when it is done.';
comment on column private.erasure_steps.evidence is 'What the other side answered, in counts and statuses: no id, no path, no name.';

create function service.erasure_work(p_erasure_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
	v_erasure private.erasures;
begin
	select * into v_erasure from private.erasures where id = p_erasure_id;
	if not found then
		perform private.refuse(404, 'not_found', 'There is no such erasure.', 'Check the address.');
	end if;
	return jsonb_build_object(
		'id', v_erasure.id, 'scope', v_erasure.scope, 'ownerId', v_erasure.owner_id, 'shootId', v_erasure.shoot_id,
		'address', v_erasure.address, 'requestedAt', v_erasure.requested_at, 'dueAt', v_erasure.due_at,
		'activeErasedAt', v_erasure.active_erased_at, 'backupsGoneAt', v_erasure.backups_gone_at,
		'steps', (
			select jsonb_agg(jsonb_build_object(
				'kind', kind, 'plan', plan, 'evidence', evidence, 'doneAt', done_at) order by kind)
			from private.erasure_steps where erasure_id = p_erasure_id),
		'requests', (
			select coalesce(jsonb_agg(private.request_as_json(r) order by submitted_at), '[]')
			from private.requests_of(v_erasure) as r where forgotten_at is null),
		'receipts', private.receipts_of(p_erasure_id));
end $$;
comment on function service.erasure_work is 'Everything the next run of an erasure needs. Refuses (404) an unknown id.';
grant execute on function service.erasure_work to service_role;

create function private.requests_of(p_erasure private.erasures)
returns setof private.provider_requests
language sql
stable
set search_path = ''
as $$
	select * from private.provider_requests
	where owner_id = p_erasure.owner_id and shoot_id = coalesce(p_erasure.shoot_id, shoot_id)
		and (p_erasure.scope <> 'model' or training_id is not null)
$$;

create function private.plan_redaction(p_customer_id text, p_redactable_at timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
begin
	-- One that is under way has a job at Stripe that must not be forgotten.
	if exists (select from private.jobs where key = 'redact_customer:' || p_customer_id) then return; end if;
	perform service.enqueue_job('redact_customer:' || p_customer_id, 'redact_customer',
		jsonb_build_object('customer_id', p_customer_id, 'redactable_at', p_redactable_at), p_redactable_at);
end $$;
comment on function private.plan_redaction is 'Has Stripe make the payments of a customer unreadable once they are old enough; planned once.';

create function service.complete_erasure_step(
	p_erasure_id uuid, p_kind text, p_evidence jsonb, as_of timestamptz default now()
)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_erasure private.erasures;
	v_evidence jsonb := p_evidence;
begin
	select * into v_erasure from private.erasures where id = p_erasure_id for update;
	if not exists (
		select from private.erasure_steps where erasure_id = p_erasure_id and kind = p_kind and state = 'open'
	) then
		return false;
	end if;
	if p_kind = 'provider' then
		if exists (select from private.requests_of(v_erasure) where forgotten_at is null) then
			raise exception 'a request has not been forgotten yet';
		end if;
		select p_evidence || jsonb_build_object(
			'requests', coalesce(sum(count), 0),
			'answers', coalesce(jsonb_object_agg(status, count), '{}'),
			'files', coalesce(sum(files), 0))
		into v_evidence
		from (
			select coalesce(evidence ->> 'status', 'none') as status, count(*),
				sum(jsonb_array_length(coalesce(evidence -> 'cdn_delete_results', '[]'))) as files
			from private.requests_of(v_erasure) group by 1
		) as answered;
		delete from private.provider_requests
		where (provider, request_id) in (select provider, request_id from private.requests_of(v_erasure));
	end if;
	if p_kind = 'stripe' and p_evidence ? 'redactableAt' then
		perform private.plan_redaction(customer, (p_evidence ->> 'redactableAt')::timestamptz)
		from private.erasure_steps s, jsonb_array_elements_text(s.plan -> 'customerIds') as customer
		where s.erasure_id = p_erasure_id and s.kind = 'stripe';
	end if;
	if p_kind = 'sign_in' then
		-- What Auth wrote down of the deletion itself, too.
		delete from auth.audit_log_entries where payload::text like '%' || v_erasure.owner_id || '%';
	end if;
	update private.erasure_steps
	set state = 'done', evidence = v_evidence, done_at = as_of, plan = null, last_error = null
	where erasure_id = p_erasure_id and kind = p_kind;
	return true;
end $$;
comment on function service.complete_erasure_step is
	'Notes the evidence of a step, once. False when there is some already; of a provider the answers of its requests are counted here.';
grant execute on function service.complete_erasure_step to service_role;

create function service.record_erasure_customer(
	p_erasure_id uuid, p_customer_id text, as_of timestamptz default now()
)
returns void
language sql
security definer
set search_path = ''
as $$
	update private.erasure_steps
	set plan = jsonb_build_object('customerIds', plan -> 'customerIds' || to_jsonb(p_customer_id), 'lastPaidAt', as_of)
	where erasure_id = p_erasure_id and kind = 'stripe' and state = 'open' and not plan -> 'customerIds' ? p_customer_id
$$;
comment on function service.record_erasure_customer is
	'A customer that Stripe made on a page which was completed and not heard of before the account was erased: it goes with the others.';
grant execute on function service.record_erasure_customer to service_role;

create function service.record_redaction(p_customer_id text, p_redaction_id text)
returns void
language sql
security definer
set search_path = ''
as $$
	update private.jobs set payload = payload || jsonb_build_object('redaction_id', p_redaction_id)
	where key = 'redact_customer:' || p_customer_id
$$;
comment on function service.record_redaction is
	'Which of Stripe''s jobs makes a customer unreadable: it is asked after, and no second one is made, which Stripe would refuse.';
grant execute on function service.record_redaction to service_role;

create function service.note_erasure_trouble(p_erasure_id uuid, p_kind text, p_error text)
returns void
language sql
security definer
set search_path = ''
as $$
	update private.erasure_steps set attempts = attempts + 1, last_error = left(p_error, 500)
	where erasure_id = p_erasure_id and kind = p_kind and state = 'open'
$$;
grant execute on function service.note_erasure_trouble to service_role;

create function service.record_found_request(
	p_erasure_id uuid, p_endpoint text, p_request_id text,
	p_status_url text, p_response_url text, p_cancel_url text, p_training_id uuid, p_generation_id uuid
)
returns void
language sql
security definer
set search_path = ''
as $$
	insert into private.provider_requests
		(request_id, endpoint, status_url, response_url, cancel_url, owner_id, shoot_id, training_id, generation_id)
	select p_request_id, p_endpoint, p_status_url, p_response_url, p_cancel_url, e.owner_id,
		coalesce(e.shoot_id, e.owner_id), p_training_id, p_generation_id
	from private.erasures e where e.id = p_erasure_id and e.owner_id is not null
	on conflict do nothing
$$;
comment on function service.record_found_request is 'A request whose answer was lost and that the provider knows after all: it is to be forgotten with the others.';
grant execute on function service.record_found_request to service_role;

create function private.drop_unanswered(p_kind text, p_id uuid)
returns uuid
language sql
set search_path = ''
as $$
	update private.erasure_steps
	set plan = jsonb_set(plan, '{unanswered}', (
		select coalesce(jsonb_agg(u), '[]') from jsonb_array_elements(plan -> 'unanswered') as u
		where u -> p_kind ->> 'id' is distinct from p_id::text))
	where kind = 'provider' and state = 'open'
		and plan @> jsonb_build_object('unanswered', jsonb_build_array(
			jsonb_build_object(p_kind, jsonb_build_object('id', p_id))))
	returning erasure_id
$$;
comment on function private.drop_unanswered is
	'The answer to a submit came while its row was being erased: its erasure need not look for it. Answers which; null when none does.';

create function private.leave_to_erasure(
	p_kind text, p_id uuid, p_endpoint text, p_request_id text,
	p_status_url text, p_response_url text, p_cancel_url text, as_of timestamptz
)
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_erasure_id uuid := private.drop_unanswered(p_kind, p_id);
begin
	if v_erasure_id is null then
		perform service.enqueue_job('forget_request:' || p_request_id, 'forget_request',
			jsonb_build_object('request_id', p_request_id, 'running_at', p_endpoint), as_of);
		return;
	end if;
	update private.erasure_steps set plan = jsonb_set(plan, '{running}', plan -> 'running' || to_jsonb(p_request_id))
	where erasure_id = v_erasure_id and kind = 'provider';
	perform service.record_found_request(v_erasure_id, p_endpoint, p_request_id,
		p_status_url, p_response_url, p_cancel_url,
		case when p_kind = 'training' then p_id end, case when p_kind = 'generation' then p_id end);
end $$;
comment on function private.leave_to_erasure is
	'A request that was accepted while its row was being erased: its erasure forgets it with the others, or a job of its own does.';
