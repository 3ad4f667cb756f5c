-- Somebody uses a right: in the app, by mail, or without an account because their face was used. Each is
-- acknowledged at once, due in 30 days, and kept for two years after its end.

create table private.subject_requests (
	id uuid primary key default gen_random_uuid(),
	kind text not null
		constraint subject_requests_kind_is_a_right check (kind in ('access', 'rectification', 'erasure',
			'portability', 'restriction', 'objection', 'takedown', 'opt_out')),
	channel text not null constraint subject_requests_channel_is_known check (channel in ('app', 'mail', 'form')),
	owner_id uuid references public.profiles (owner_id) on delete set null,
	email text,
	details text constraint subject_requests_details_are_short check (char_length(details) <= 2000),
	token uuid,
	received_at timestamptz not null default now(),
	confirmed_at timestamptz,
	acknowledged_at timestamptz,
	due_at timestamptz not null,
	closed_at timestamptz,
	outcome text constraint subject_requests_outcome_is_known check (outcome in ('done', 'nothing_held', 'refused')),
	constraint subject_requests_are_due_in_30_days check (due_at = received_at + interval '30 days'),
	constraint subject_requests_close_with_an_outcome check ((closed_at is null) = (outcome is null))
);
comment on table private.subject_requests is
	'Every use of a right: what was asked, when, and how it ended. Name and address go with the account, or 30 days after the end.';
create index subject_requests_owner_id on private.subject_requests (owner_id);
create index subject_requests_open on private.subject_requests (due_at) where closed_at is null;

alter table private.mails
	alter column owner_id drop not null,
	add column request_id uuid references private.subject_requests (id) on delete cascade,
	add constraint mails_go_to_somebody check (num_nonnulls(owner_id, request_id) = 1);
create index mails_request_id on private.mails (request_id) where request_id is not null;

create function private.write_to_requester(p_request_id uuid, p_template text, p_data jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_mail_id uuid;
begin
	insert into private.mails (request_id, key, template, data)
	values (p_request_id, p_template || ':' || p_request_id, p_template, p_data)
	on conflict (key) do nothing
	returning id into v_mail_id;
	if found then perform private.enqueue('send_mail', 'mail_id', v_mail_id::text); end if;
end $$;

create function private.open_request(
	p_kind text, p_channel text, p_owner_id uuid, p_email text, p_details text, p_received_at timestamptz
)
returns private.subject_requests
language sql
set search_path = ''
as $$
	insert into private.subject_requests (kind, channel, owner_id, email, details, received_at, due_at)
	values (p_kind, p_channel, p_owner_id, p_email, p_details, p_received_at, p_received_at + interval '30 days')
	returning *
$$;

create function private.acknowledge_request(p_request private.subject_requests, as_of timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
begin
	update private.subject_requests set acknowledged_at = as_of where id = p_request.id and acknowledged_at is null;
	perform private.write_to_requester(p_request.id, 'request_received',
		jsonb_build_object('kind', p_request.kind, 'due_at', p_request.due_at));
end $$;

create function private.close_request(p_id uuid, p_outcome text, as_of timestamptz default now())
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_request private.subject_requests;
begin
	update private.subject_requests set closed_at = as_of, outcome = p_outcome, token = null
	where id = p_id and closed_at is null
	returning * into v_request;
	if not found then
		perform private.refuse(404, 'not_found', 'There is no such open request.', 'See private.requests_to_answer.');
	end if;
	if v_request.email is not null then
		perform private.write_to_requester(p_id, 'request_closed',
			jsonb_build_object('kind', v_request.kind, 'outcome', p_outcome));
	end if;
end $$;
comment on function private.close_request is 'For the operator: ends a request (done, nothing_held, refused) and writes to whoever asked.';

create function private.enter_request(
	p_email text, p_kind text, p_details text default null, p_received_at timestamptz default now()
)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
	v_email text := lower(btrim(p_email));
	v_owner_id uuid := (select owner_id from public.profiles where lower(email) = v_email);
	v_request private.subject_requests :=
		private.open_request(p_kind, 'mail', v_owner_id, v_email, p_details, p_received_at);
	v_next text := 'Answer it, then private.close_request(id, outcome).';
begin
	perform private.acknowledge_request(v_request, now());
	if v_owner_id is null and p_kind not in ('takedown', 'opt_out') then
		perform private.close_request(v_request.id, 'nothing_held');
		v_next := 'Closed: there is no account of this address.';
	elsif p_kind = 'erasure' then
		perform service.request_erasure(v_owner_id, 'account', p_origin => 'mail');
		v_next := 'Being erased; closes by itself.';
	elsif p_kind in ('restriction', 'objection') then
		update public.profiles set restricted_at = now() where owner_id = v_owner_id and restricted_at is null;
		perform private.close_request(v_request.id, 'done');
		v_next := 'Done: nothing of theirs is worked on.';
	elsif p_kind = 'opt_out' then
		perform private.close_request(v_request.id, 'done');
		v_next := 'Done: nothing is sold.';
	end if;
	return jsonb_build_object('request', v_request.id, 'due_at', v_request.due_at, 'next', v_next);
end $$;
comment on function private.enter_request is
	'For the operator, in the dashboard: a request that came by mail starts the same machinery as the button. Check first that it came from its address.';

-- What a person does in the app is a request too, answered by the app itself.
create function private.open_own_request(p_kind text, p_owner_id uuid, p_received_at timestamptz default now())
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_request private.subject_requests;
begin
	-- One that was asked for by mail is not asked for again by being carried out.
	if exists (select from private.subject_requests
		where owner_id = p_owner_id and closed_at is null
			and (kind = p_kind or (kind = 'objection' and p_kind = 'restriction'))) then
		return;
	end if;
	v_request := private.open_request(p_kind, 'app', p_owner_id, null, null, p_received_at);
	update private.subject_requests set acknowledged_at = p_received_at where id = v_request.id;
end $$;

create function private.close_own_request(p_kind text, p_owner_id uuid, as_of timestamptz default now())
returns void
language sql
set search_path = ''
as $$
	update private.subject_requests set closed_at = as_of, outcome = 'done'
	where owner_id = p_owner_id and kind = p_kind and channel = 'app' and closed_at is null
$$;

create function private.note_restriction()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	perform private.open_own_request('restriction', new.owner_id);
	perform private.close_own_request('restriction', new.owner_id);
	return null;
end $$;

create trigger profiles_restricting_is_a_request
	after update of restricted_at on public.profiles
	for each row when (old.restricted_at is null and new.restricted_at is not null)
	execute function private.note_restriction();

-- The account is gone: what was asked for is done, and nothing here says whose it was.
create function private.end_request()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
	new.email := null;
	new.details := null;
	if new.closed_at is null then
		new.closed_at := now();
		new.outcome := 'done';
	end if;
	return new;
end $$;

create trigger subject_requests_end_with_their_account
	before update of owner_id on private.subject_requests
	for each row when (old.owner_id is not null and new.owner_id is null)
	execute function private.end_request();

create view private.requests_to_answer with (security_invoker = true) as
	select id, kind, channel, owner_id, email, details, received_at, due_at,
		floor(extract(epoch from due_at - now()) / 86400)::integer as days_left,
		now() >= due_at - interval '7 days' as is_urgent,
		now() >= due_at as is_overdue
	from private.subject_requests
	where closed_at is null and (channel <> 'form' or confirmed_at is not null)
	order by due_at;
comment on view private.requests_to_answer is 'The operator''s queue, the most pressing first. Urgent in the last week.';

create function private.prune_requests(as_of timestamptz)
returns void
language sql
set search_path = ''
as $$
	delete from private.subject_requests
	where closed_at < as_of - private.kept_for('subject_requests')
		or (channel = 'form' and confirmed_at is null and received_at < as_of - interval '1 day');
	update private.subject_requests set email = null, details = null
	where closed_at < as_of - interval '30 days' and num_nonnulls(email, details) > 0;
$$;

-- Somebody without an account, whose face was used. The web app holds no secret, so it writes as anon, and
-- nothing that it writes stays where it was written: both tables are always empty.

create table public.takedowns (
	id uuid primary key default gen_random_uuid(),
	email text,
	details text,
	address text,
	constraint takedowns_are_moved_on_arrival check (num_nonnulls(email, details, address) = 0)
);
comment on table public.takedowns is 'A door, always empty: what arrives becomes a subject request.';

create table public.takedown_confirmations (
	token uuid primary key,
	constraint takedown_confirmations_are_moved_on_arrival check (token is null)
);
comment on table public.takedown_confirmations is 'A door, always empty: the link in the mail was followed.';

alter table public.takedowns enable row level security;
alter table public.takedown_confirmations enable row level security;
grant insert (email, details, address) on public.takedowns to anon, authenticated;
grant insert (token) on public.takedown_confirmations to anon, authenticated;
create policy takedowns_insert on public.takedowns for insert to anon, authenticated
	with check (email is null and details is null and address is null);
create policy takedown_confirmations_insert on public.takedown_confirmations for insert to anon, authenticated
	with check (token is null);

create function private.receive_takedown()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_email text := lower(btrim(new.email));
	v_request private.subject_requests;
	v_token uuid := gen_random_uuid();
begin
	if v_email is null or v_email !~ '^[^@\s]+@[^@\s]+\.[^@\s]+$' or char_length(v_email) > 254
		or char_length(coalesce(btrim(new.details), '')) not between 10 and 2000 then
		perform private.refuse(422, 'malformed', 'Address and words are needed.',
			'Write where you saw the picture, and an address at which we reach you.');
	end if;
	perform private.limit_rate('takedown_overall', 'all');
	perform private.limit_rate('takedown_from_network', coalesce(private.network_of(new.address), 'unknown'));
	perform private.limit_rate('takedown_by_address',
		(select encode(sha256(convert_to(pepper || v_email, 'utf8')), 'hex') from private.peppers));
	v_request := private.open_request('takedown', 'form', null, v_email, btrim(new.details), now());
	update private.subject_requests set token = v_token where id = v_request.id;
	perform private.write_to_requester(v_request.id, 'takedown_confirm', jsonb_build_object('token', v_token));
	return null;
end $$;

create trigger takedowns_are_received
	before insert on public.takedowns
	for each row execute function private.receive_takedown();

create function private.confirm_takedown()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_request private.subject_requests;
begin
	update private.subject_requests set confirmed_at = now()
	where token = new.token and confirmed_at is null and closed_at is null
		and received_at > now() - interval '1 day'
	returning * into v_request;
	if found then
		perform private.acknowledge_request(v_request, now());
	elsif not exists (select from private.subject_requests where token = new.token and confirmed_at is not null) then
		perform private.refuse(404, 'not_found', 'This link is not good any more.', 'Fill in the form once more; links work for a day.');
	end if;
	return null;
end $$;

create trigger takedown_confirmations_are_received
	before insert on public.takedown_confirmations
	for each row execute function private.confirm_takedown();
