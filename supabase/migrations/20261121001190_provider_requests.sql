-- What a provider has accepted from us, until it has forgotten it there.

create table private.provider_requests (
	provider text not null default 'fal',
	request_id text not null,
	endpoint text not null,
	status_url text not null,
	response_url text not null,
	cancel_url text not null,
	-- No foreign keys: what a provider holds must be forgotten there also after our rows are gone.
	owner_id uuid not null,
	shoot_id uuid not null,
	training_id uuid,
	generation_id uuid,
	submitted_at timestamptz not null default now(),
	asked_by uuid default private.request_id(),
	forgotten_at timestamptz,
	evidence jsonb,
	constraint provider_requests_are_unique_by_provider_and_id primary key (provider, request_id),
	constraint provider_requests_are_about_one_thing check (num_nonnulls(training_id, generation_id) = 1)
);
comment on table private.provider_requests is
	'Every request a provider accepted, until and after it was deleted there; the deletion''s own answer is the evidence.';
comment on column private.provider_requests.status_url is 'Whole, or what comes after response_url; so is cancel_url.';
comment on column private.provider_requests.asked_by is 'The request that it comes from, for the log.';
-- Room on the page for the row with the evidence.
alter table private.provider_requests set (fillfactor = 50);
create index provider_requests_owner_id on private.provider_requests (owner_id);
create index provider_requests_training_id on private.provider_requests (training_id) where training_id is not null;
create index provider_requests_generation_id on private.provider_requests (generation_id)
	where generation_id is not null;

create function private.url_from(p_base text, p_url text)
returns text
language sql
immutable
set search_path = ''
as $$
	select case when starts_with(p_url, p_base || '/') then substr(p_url, length(p_base) + 1) else p_url end
$$;
comment on function private.url_from is 'What comes after the base, from the slash on; the whole of an address that lies elsewhere.';

create function private.request_as_json(p_request private.provider_requests)
returns jsonb
language sql
immutable
set search_path = ''
as $$
	select jsonb_build_object(
		'endpoint', p_request.endpoint, 'requestId', p_request.request_id,
		'statusUrl', case when starts_with(p_request.status_url, '/') then p_request.response_url else '' end || p_request.status_url,
		'responseUrl', p_request.response_url,
		'cancelUrl', case when starts_with(p_request.cancel_url, '/') then p_request.response_url else '' end || p_request.cancel_url)
$$;

create function private.request_as_json(p_request_id text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
	return (select private.request_as_json(r) from private.provider_requests r
		where provider = 'fal' and request_id = p_request_id);
end $$;

create function private.forget(p_request_id text, p_stop boolean default false)
returns void
language plpgsql
set search_path = ''
as $$
begin
	-- After the rush: the portraits that a person waits for go first.
	if p_request_id is not null then
		perform service.enqueue_job('forget_request:' || p_request_id, 'forget_request',
			jsonb_strip_nulls(jsonb_build_object('request_id', p_request_id, 'running_at', case when p_stop then (
				select endpoint from private.provider_requests where request_id = p_request_id) end)),
			now() + case when p_stop then interval '0' else interval '30 seconds' end);
	end if;
end $$;
comment on function private.forget is
	'Has the provider forget a request; one that may still run is stopped there first, at once.';

create function service.record_forgotten(p_request_id text, p_evidence jsonb, as_of timestamptz default now())
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
	update private.provider_requests set forgotten_at = as_of, evidence = p_evidence
	where provider = 'fal' and request_id = p_request_id and forgotten_at is null;
	-- Noted in the very moment of an erasure that has closed its books since.
	delete from private.provider_requests r
	where r.provider = 'fal' and r.request_id = p_request_id
		and exists (select from private.tombstones where (kind, hash) in (
			('account', private.tombstone_of(r.owner_id::text)), ('shoot', private.tombstone_of(r.shoot_id::text))))
		and not exists (select from private.erasures where owner_id = r.owner_id);
end $$;
comment on function service.record_forgotten is 'The provider has deleted payloads and outputs of the request; its answer is kept.';
grant execute on function service.record_forgotten to service_role;

create function service.record_all_forgotten(p_answers jsonb, as_of timestamptz default now())
returns void
language sql
security definer
set search_path = ''
as $$
	select service.record_forgotten(answer ->> 'request_id', answer -> 'evidence', as_of)
	from jsonb_array_elements(p_answers) as answer order by answer ->> 'request_id'
$$;
comment on function service.record_all_forgotten is 'As record_forgotten, for many requests in one round trip.';
grant execute on function service.record_all_forgotten to service_role;
