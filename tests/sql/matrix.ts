/** What anon and authenticated can reach, read off the catalogue: one line per permission. */
import type { ISql } from 'postgres';

const roles = ['anon', 'authenticated'];

export async function accessMatrix(sql: ISql): Promise<string[]> {
	const rows = await sql<{ line: string }[]>`
		with role as (
			select rolname::text as role, oid from pg_roles where rolname in ${sql(roles)}
		), ours as (
			select * from pg_namespace
			where nspname not like 'pg\_%' and nspname not in ('information_schema', 'extensions', 'auth')
		), relation as (
			select c.oid, c.relkind, format('%I.%I', n.nspname, c.relname) as name
			from pg_class c join ours n on n.oid = c.relnamespace
			where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname <> 'storage'
		), granted as (
			select role, 'schema ' || nspname || ': ' || privilege as line
			from role, ours, unnest(array['USAGE', 'CREATE']) as privilege
			where has_schema_privilege(role.oid, ours.oid, privilege) and nspname <> 'storage'
			union all
			-- A verb on the whole table, or on the columns named.
			select role, relation.name || ': ' || lower(verb) || case
				when has_table_privilege(role.oid, relation.oid, verb) then ''
				else ' (' || (
					select string_agg(attname, ', ' order by attnum) from pg_attribute
					where attrelid = relation.oid and attnum > 0 and not attisdropped
						and has_column_privilege(role.oid, attrelid, attnum, verb)
				) || ')' end
			from role, relation, unnest(array['SELECT', 'INSERT', 'UPDATE']) as verb
			where has_any_column_privilege(role.oid, relation.oid, verb)
			union all
			select role, relation.name || ': ' || lower(verb)
			from role, relation, unnest(array['DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN']) as verb
			where has_table_privilege(role.oid, relation.oid, verb)
			union all
			select role, 'sequence ' || format('%I.%I', n.nspname, c.relname) || ': ' || lower(verb)
			from role, pg_class c join ours n on n.oid = c.relnamespace, unnest(array['USAGE', 'SELECT', 'UPDATE']) as verb
			where c.relkind = 'S' and n.nspname <> 'storage'
				and case when c.relkind = 'S' then has_sequence_privilege(role.oid, c.oid, verb) end
			union all
			select role, 'function ' || p.oid::regprocedure || ': execute'
			from role, pg_proc p join ours n on n.oid = p.pronamespace
			where has_function_privilege(role.oid, p.oid, 'EXECUTE') and n.nspname <> 'storage'
			union all
			-- A grant without a policy reaches nothing: both are listed.
			select role, format('policy %I.%I: %s %s', schemaname, tablename, lower(cmd), policyname)
			from role, pg_policies where role.role = any (roles) or 'public' = any (roles)
			union all
			select role, 'bucket ' || id || ': public' from role, storage.buckets where public
		)
		select role || ' ' || line as line from granted order by role, line collate "C"`;
	return rows.map((row) => row.line);
}
