-- Three schemas for three audiences, and nothing granted to anybody by default:
-- every grant in the chapters that follow is a decision.

create schema service;
comment on schema service is 'Functions that only the service role may execute: the verbs of the edge functions.';

create schema private;
comment on schema private is 'What nobody reaches over the API: inbox, jobs, ledger internals, trigger functions.';

-- A hosted project grants new things in public to its API roles, and Postgres lets everybody execute new functions.
alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke execute on functions from anon, authenticated, service_role;
revoke create on schema public from public;

grant usage on schema public to anon, authenticated, service_role;
grant usage on schema service to service_role;

-- GraphQL would publish the whole schema to anon (lints 0026 and 0027); nothing here uses it.
drop extension if exists pg_graphql;

create function private.refuse(p_status integer, p_code text, p_message text, p_hint text)
returns void
language plpgsql
set search_path = ''
as $$
begin
	raise exception using
		errcode = 'PT' || p_status,
		message = p_message,
		hint = p_hint,
		detail = p_code;
end $$;
comment on function private.refuse is
	'Raises an expected refusal: PostgREST answers with p_status; p_code is a RefusalCode of domain/refusal.ts.';
