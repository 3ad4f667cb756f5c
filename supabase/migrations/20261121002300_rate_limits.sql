-- How often is too often. Counted in Postgres, so that many servers count together; a refusal loses nothing.

create table private.rate_rules (
	kind text primary key,
	most integer not null constraint rate_rules_most_is_positive check (most > 0),
	per interval not null
);
comment on table private.rate_rules is 'At most so many of a kind in any such span of time, for one account, address or network.';

insert into private.rate_rules (kind, most, per)
values
	-- Stolen cards are tried out by the hundred; nobody buys six times in ten minutes.
	('checkout', 5, '10 minutes'),
	('checkout_from_network', 20, '10 minutes'),
	('upload', 200, '1 hour'),
	('export', 5, '1 hour'),
	('export_from_network', 50, '1 hour'),
	('erasure', 5, '1 hour'),
	('code_to_address', 5, '15 minutes'),
	('code_from_network', 60, '15 minutes'),
	('try_at_address', 10, '15 minutes'),
	('try_from_network', 120, '15 minutes'),
	('takedown_by_address', 3, '1 hour'),
	('takedown_from_network', 10, '1 hour'),
	('takedown_overall', 100, '1 hour');

create table private.rate_tokens (
	kind text not null,
	subject text not null,
	taken timestamptz[] not null default '{}',
	last_taken_at timestamptz not null default now(),
	primary key (kind, subject)
);
comment on table private.rate_tokens is 'The times at which something was done lately. The subject is an id, a keyed hash or a shortened address.';
create index rate_tokens_last_taken_at on private.rate_tokens (last_taken_at);

create function private.take_token(
	p_kind text, p_subject text, p_limit integer, p_window interval, as_of timestamptz default now()
)
returns timestamptz
language plpgsql
set search_path = ''
as $$
declare
	v_recent timestamptz[];
begin
	insert into private.rate_tokens (kind, subject, last_taken_at) values (p_kind, p_subject, as_of) on conflict do nothing;
	-- Whoever asks at the same moment waits for this row, and counts what we have taken.
	select array(select moment from unnest(taken) as moment where moment > as_of - p_window order by moment)
	into v_recent
	from private.rate_tokens where kind = p_kind and subject = p_subject
	for update;
	if cardinality(v_recent) >= p_limit then
		return v_recent[cardinality(v_recent) - p_limit + 1] + p_window;
	end if;
	update private.rate_tokens set taken = v_recent || as_of, last_taken_at = as_of
	where kind = p_kind and subject = p_subject;
	return null;
end $$;
comment on function private.take_token is
	'Null when there was one and it is taken; else the time at which there will be one again. Exact, also under a crowd.';

create function private.limit_rate(p_kind text, p_subject text, as_of timestamptz default now())
returns void
language plpgsql
set search_path = ''
as $$
declare
	v_rule private.rate_rules;
	v_free_at timestamptz;
	v_minutes integer;
begin
	select * into strict v_rule from private.rate_rules where kind = p_kind;
	v_free_at := private.take_token(p_kind, p_subject, v_rule.most, v_rule.per, as_of);
	if v_free_at is null then return; end if;
	v_minutes := greatest(ceil(extract(epoch from v_free_at - as_of) / 60), 1);
	perform private.refuse(429, 'too_many', 'That was asked for very often just now.',
		format('You can try again in %s. Nothing is lost.',
			case v_minutes when 1 then 'a minute' else v_minutes || ' minutes' end));
end $$;
comment on function private.limit_rate is 'Takes a token by the rule of its kind, or refuses (429) and says when to come again.';

-- Runs as its owner, as the client has no business with tokens.
create function private.limit_owner()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
	if new.owner_id is not null then
		perform private.limit_rate(tg_argv[0], new.owner_id::text);
		if tg_argv[1] is not null then
			perform private.limit_network(tg_argv[0], private.network_of_person(new.owner_id));
		end if;
	end if;
	return new;
end $$;

-- A page for paying is opened once for each order: double clicks and reloads find the same one again.
create trigger orders_are_limited
	before insert on public.orders
	for each row when (new.subscription_id is null) execute function private.limit_owner('checkout', 'by network');
-- Not by network: only a shoot that is paid takes photos, and their number is limited.
create trigger photos_are_limited
	before insert on public.photos
	for each row execute function private.limit_owner('upload');

-- Signing in. The web app holds no secret, so it writes as anon; what it writes is made unreadable on arrival.

create table private.peppers (pepper text primary key);
comment on table private.peppers is 'One random value, made here and told to nobody: without it an address cannot be guessed from its hash.';
insert into private.peppers values (encode(extensions.gen_random_bytes(32), 'hex'));

create table public.sign_in_attempts (
	id uuid primary key default gen_random_uuid(),
	kind text not null
		constraint sign_in_attempts_kind_is_known check (kind in ('code_asked', 'code_tried', 'signed_in', 'refused')),
	at timestamptz not null default now(),
	email text constraint sign_in_attempts_keep_no_email check (email is null),
	address text constraint sign_in_attempts_keep_no_address check (address is null),
	email_hash text,
	network text
);
comment on table public.sign_in_attempts is
	'The security log: what was tried, when, from which shortened address. What arrives in email and address is never stored.';
create index sign_in_attempts_at on public.sign_in_attempts (at);
create index sign_in_attempts_signed_in on public.sign_in_attempts (email_hash, at) where kind = 'signed_in';

alter table public.sign_in_attempts enable row level security;
grant insert (kind, email, address) on public.sign_in_attempts to anon, authenticated;
create policy sign_in_attempts_insert on public.sign_in_attempts for insert to anon, authenticated
	with check (email is null and address is null);

create function private.network_of(p_address text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
	v_address inet;
begin
	-- A dual-stack server writes IPv4 as ::ffff:a.b.c.d.
	v_address := regexp_replace(p_address, '^::ffff:(?=[0-9.]+$)', '', 'i')::inet;
	return network(set_masklen(v_address, case family(v_address) when 4 then 24 else 48 end))::text;
exception when others then
	return null;
end $$;
comment on function private.network_of is 'An address without its last part: the 256 of an IPv4 network, the /48 of IPv6. Null for what is none.';

create function private.email_hash(p_email text)
returns text
language sql
stable
set search_path = ''
as $$
	select encode(sha256(convert_to(pepper || lower(btrim(p_email)), 'utf8')), 'hex') from private.peppers
$$;

create function private.limit_network(p_verb text, p_network text, as_of timestamptz default now())
returns void
language plpgsql
set search_path = ''
as $$
begin
	-- A private network is our own proxy's, when the server is not told of the visitor's: that is everybody's.
	if not p_network::cidr <<= any (array[
		'10.0.0.0/8', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '::/48', 'fc00::/7', 'fe80::/10']::cidr[]) then
		perform private.limit_rate(p_verb || '_from_network', p_network, as_of);
	end if;
end $$;

create function private.network_of_person(p_owner_id uuid)
returns text
language sql
stable
set search_path = ''
as $$
	select a.network from public.sign_in_attempts a
	where a.kind = 'signed_in' and a.email_hash = (select private.email_hash(email) from public.profiles where owner_id = p_owner_id)
	order by a.at desc limit 1
$$;
comment on function private.network_of_person is
	'Where they last signed in from: what many accounts do from one network is counted together. Null when it is not known any more.';

create function private.note_attempt()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
	v_verb text := case new.kind when 'code_asked' then 'code' when 'code_tried' then 'try' end;
begin
	new.email_hash := private.email_hash(new.email);
	new.network := private.network_of(new.address);
	new.email := null;
	new.address := null;
	-- A refusal takes back what was written with it, so the web app notes it by itself; a flood, once a minute.
	if new.kind = 'refused' and exists (
		select from public.sign_in_attempts
		where kind = 'refused' and at > now() - interval '1 minute'
			and email_hash is not distinct from new.email_hash and network is not distinct from new.network
	) then
		return null;
	end if;
	if v_verb is not null and new.email_hash is not null then
		perform private.limit_rate(v_verb || case v_verb when 'code' then '_to' else '_at' end || '_address', new.email_hash);
	end if;
	if v_verb is not null then perform private.limit_network(v_verb, new.network); end if;
	return new;
end $$;

create trigger sign_in_attempts_are_noted
	before insert on public.sign_in_attempts
	for each row execute function private.note_attempt();
