/** Looks for a string in every table of the database, and in every log of ours. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from './world.ts';

/** Names of the tables of which a row holds this string, in whatever column. */
export async function holding(stack: Stack, text: string): Promise<string[]> {
	const tables = await stack.sql<{ name: string }[]>`
		select format('%I.%I', n.nspname, c.relname) as name
		from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'p') and n.nspname in ('public', 'private', 'auth', 'storage') order by 1`;
	const found: string[] = [];
	for (const { name } of tables) {
		const rows = await stack.sql.unsafe(
			`select from ${name} as t where strpos(lower(t::text), lower($1)) > 0
				or strpos(lower(replace(t::text, '""', '"')), lower($1)) > 0 limit 1`,
			[text],
		);
		if (rows.length > 0) found.push(name);
	}
	return found;
}

/** Names of our own logs that hold this string: what functions and the web app write. */
export function logged(stack: Stack, text: string): string[] {
	const folder = join(stack.dataDir, 'logs');
	return readdirSync(folder)
		.filter((name) => /^(functions|web)/.test(name))
		.filter((name) => readFileSync(join(folder, name), 'utf8').includes(text));
}
