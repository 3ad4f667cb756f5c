/** Reads off the catalogue what each column says it is for. */
import type { ISql } from 'postgres';
import { purposes } from '#domain/privacy/purposes.ts';

export type Tagged = { holder: string; column: string; purpose: string | null };

/** All columns of all tables of ours, with the tag in front of their comment. */
export async function purposesOf(sql: ISql): Promise<Tagged[]> {
	const rows = await sql<Tagged[]>`
		select n.nspname || '.' || c.relname as holder, a.attname as column,
			substring(col_description(c.oid, a.attnum) from '^\\[(\\w+)\\]') as purpose
		from pg_attribute a
		join pg_class c on c.oid = a.attrelid
		join pg_namespace n on n.oid = c.relnamespace
		where n.nspname in ('public', 'service', 'private') and c.relkind in ('r', 'p')
			and a.attnum > 0 and not a.attisdropped
		order by 1, 2`;
	return [...rows];
}

/** Columns without a purpose of the closed list, in tables that are not known to be about nobody. */
export async function untagged(sql: ISql, aboutNobody: readonly string[]): Promise<string[]> {
	return (await purposesOf(sql))
		.filter(({ holder }) => !aboutNobody.includes(holder))
		.filter(({ purpose }) => purpose === null || !(purpose in purposes))
		.map(({ holder, column }) => `${holder}.${column}`);
}
