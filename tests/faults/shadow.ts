/**
 * Puts given time and given chance under a migrated database. Bodies of functions name `now()` and are
 * bound when they run; defaults, policies and views were bound when they were made, so they are made again.
 */
import type { Sql } from 'postgres';

const replaced = [
	[
		'now()',
		'wall_now',
		`returns timestamptz language sql stable as
			$$ select coalesce(nullif(current_setting('sim.now', true), '')::timestamptz, pg_catalog.wall_now()) $$`,
	],
	[
		'gen_random_uuid()',
		'wall_gen_random_uuid',
		`returns uuid language sql volatile as
			$$ select overlay(overlay(sim.draw() placing '4' from 13) placing 'a' from 17)::uuid $$`,
	],
	[
		'random()',
		'wall_random',
		`returns double precision language sql volatile as
			$$ select ('x' || substr(sim.draw(), 1, 12))::bit(48)::bigint / 281474976710656.0 $$`,
	],
] as const;

const again = `do $do$
declare
	v record;
	unbound text := '\\mwall_(now|gen_random_uuid|random)\\(\\)';
begin
	for v in
		select pg_get_functiondef(oid) as made from pg_proc
		where pronamespace in ('public'::regnamespace, 'service'::regnamespace, 'private'::regnamespace)
			and prokind = 'f' and pg_get_functiondef(oid) ~ unbound
	loop
		execute regexp_replace(v.made, unbound, '\\1()', 'g');
	end loop;
	for v in
		select d.adrelid::regclass as relation, a.attname, pg_get_expr(d.adbin, d.adrelid) as made
		from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
		where pg_get_expr(d.adbin, d.adrelid) ~ unbound and a.attgenerated = ''
	loop
		execute format('alter table %s alter column %I set default %s', v.relation, v.attname,
			regexp_replace(v.made, unbound, '\\1()', 'g'));
	end loop;
	for v in
		select polrelid::regclass as relation, polname,
			pg_get_expr(polqual, polrelid) as asked, pg_get_expr(polwithcheck, polrelid) as checked
		from pg_policy
		where concat(pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) ~ unbound
	loop
		execute format('alter policy %I on %s', v.polname, v.relation)
			|| coalesce(' using (' || regexp_replace(v.asked, unbound, '\\1()', 'g') || ')', '')
			|| coalesce(' with check (' || regexp_replace(v.checked, unbound, '\\1()', 'g') || ')', '');
	end loop;
	for v in
		select format('%I.%I', schemaname, viewname) as name, definition as made from pg_views
		where schemaname not in ('pg_catalog', 'information_schema') and definition ~ unbound
	loop
		execute format('create or replace view %s as %s', v.name, regexp_replace(v.made, unbound, '\\1()', 'g'));
	end loop;
end $do$`;

/**
 * Until PostgreSQL 18 a body in SQL is planned anew by every statement that calls it, here a fifth of the time. The
 * same words as PL/pgSQL keep their plans. Left as they are: what answers rows, or consists of several statements.
 */
const kept = `do $do$
declare
	v record;
begin
	for v in
		select p.oid, p.prosrc, pg_get_functiondef(p.oid) as made, rtrim(p.prosrc, E' \\t\\n;') as body,
			p.prorettype = 'void'::regtype as is_void,
			format('%I.%I', t.typnamespace::regnamespace, t.typname) as type
		from pg_proc p
		join pg_language l on l.oid = p.prolang
		join pg_type t on t.oid = p.prorettype
		where p.pronamespace in ('public'::regnamespace, 'service'::regnamespace, 'private'::regnamespace)
			and l.lanname = 'sql' and p.prokind = 'f' and not p.proretset and t.typtype <> 'c'
			and p.proconfig is not null and p.prosqlbody is null
			and rtrim(p.prosrc, E' \\t\\n;') !~ ';'
			and not (p.prorettype = 'void'::regtype and p.prosrc ~* '^\\s*(select|with)\\M')
	loop
		execute replace(replace(v.made, ' LANGUAGE sql', ' LANGUAGE plpgsql'), v.prosrc,
			E'\\n#variable_conflict use_column\\n' || case when v.is_void then 'begin ' || v.body || E'\\n; end'
				else 'declare v_answer ' || v.type || '; begin ' || v.body || E'\\n into v_answer; return v_answer; end' end);
	end loop;
end $do$`;

export async function shadow(sql: Sql): Promise<void> {
	await sql.unsafe(`
		create schema sim;
		grant usage on schema sim to public;
		create sequence sim.draws;
		grant usage on sequence sim.draws to public;
		create function sim.draw() returns text language sql volatile as
			$$ select md5(current_setting('sim.seed', true) || '/' || nextval('sim.draws')) $$;
		grant execute on function sim.draw() to public;
		-- As the Storage API deletes, whose rows nobody else may.
		create function sim.remove_objects(p_bucket text, p_keys jsonb) returns void language plpgsql as $$
		begin
			perform set_config('storage.allow_delete_query', 'true', true);
			delete from storage.objects
			where bucket_id = p_bucket and name in (select jsonb_array_elements_text(p_keys));
			perform set_config('storage.allow_delete_query', 'false', true);
		end $$;`);
	for (const [name, aside, rest] of replaced) {
		await sql.unsafe(`alter function pg_catalog.${name} rename to ${aside}`);
		await sql.unsafe(`create function pg_catalog.${name} ${rest}`);
		await sql.unsafe(`grant execute on function pg_catalog.${name} to public`);
	}
	await sql.unsafe(again);
	await sql.unsafe(kept);
	// What is left bound to the real clock would make a run depend on the day it is made.
	const [left] = await sql.unsafe(`
		select count(*)::int as count from pg_depend
		where refobjid in ('pg_catalog.wall_now()'::regprocedure, 'pg_catalog.wall_random()'::regprocedure,
			'pg_catalog.wall_gen_random_uuid()'::regprocedure)
			and classid <> 'pg_proc'::regclass and deptype = 'n'`);
	if (left?.['count'] !== 0) throw new Error(`${left?.['count']} things keep their own time`);
}
