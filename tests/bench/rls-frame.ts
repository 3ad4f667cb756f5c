/**
 * One read as PostgREST asks it (its `Query/PreQuery.hs`, `SqlFragment.hs` and `QueryBuilder.hs`, and
 * hasql-transaction): four prepared statements, each answered before the next. What it knows of the request is set
 * for the transaction, role included; the rows come back as one JSON text; every value, and how many rows at most,
 * is a parameter.
 */
import type { ReservedSql } from 'postgres';
import type { Owner, Query } from './rls-queries.ts';

/** The most rows that the Data API gives: `max_rows` of supabase/config.toml. */
const mostRows = 1000;

export type Question = { text: string; values: readonly string[] };

/** `named` has what stands for `$person` and the like. */
export function asked(
	query: Query,
	owner: Owner,
	named: Readonly<Record<string, string>>,
): Question {
	const counting = query.counted ? `, pgrst_source_count AS (${query.counted(owner)})` : '';
	const total = query.counted
		? '(SELECT pg_catalog.count(*) FROM pgrst_source_count)'
		: 'null::bigint';
	const text = `
		WITH pgrst_source AS ( ${query.text(owner)} LIMIT $limit OFFSET $offset ) ${counting}
		SELECT ${total} AS total_result_set, pg_catalog.count(_postgrest_t) AS page_total,
			coalesce(json_agg(_postgrest_t), '[]') AS body,
			nullif(current_setting('response.headers', true), '') AS response_headers,
			nullif(current_setting('response.status', true), '') AS response_status
		FROM ( SELECT * FROM pgrst_source ) _postgrest_t`;
	const known: Readonly<Record<string, string>> = {
		...named,
		limit: String(query.limit ?? mostRows),
		offset: '0',
	};
	const names: string[] = [];
	const numbered = text.replaceAll(/\$([a-z]+)/g, (_, name: string) => {
		if (!names.includes(name)) names.push(name);
		return `$${names.indexOf(name) + 1}`;
	});
	return { text: numbered, values: names.map((name) => known[name] ?? '') };
}

/** Of the length that they have on a hosted project. */
const claims = (person: string) =>
	JSON.stringify({
		aal: 'aal1',
		amr: [{ method: 'oauth', timestamp: 1_764_000_000 }],
		app_metadata: { provider: 'google', providers: ['google'] },
		aud: 'authenticated',
		email: 'somebody@example.com',
		exp: 1_764_003_600,
		iat: 1_764_000_000,
		is_anonymous: false,
		iss: 'https://project.example.com/auth/v1',
		phone: '',
		role: 'authenticated',
		session_id: '11111111-1111-4111-8111-111111111111',
		sub: person,
		user_metadata: { email: 'somebody@example.com', email_verified: true, full_name: 'Somebody' },
	});
const headers = JSON.stringify({
	accept: 'application/json',
	'accept-profile': 'public',
	apikey: 'k'.repeat(46),
	authorization: `Bearer ${'t'.repeat(800)}`,
	host: 'project.example.com',
	'user-agent': 'node',
	'x-client-info': 'supabase-ssr/0.12.7',
	'x-forwarded-for': '203.0.113.9',
	'x-request-id': '11111111-1111-4111-8111-111111111111',
});

/** What comes back: the rows as JSON, and the count beside them. */
export async function ask(
	line: ReservedSql,
	role: string,
	person: string,
	{ text, values }: Question,
): Promise<string> {
	await line`begin isolation level read committed read only`;
	await line`
		select set_config('search_path', ${'"public", "extensions"'}, true), set_config('role', ${role}, true),
			set_config('request.jwt.claims', ${claims(person)}, true), set_config('request.method', ${'GET'}, true),
			set_config('request.path', ${'/rest/v1'}, true), set_config('request.headers', ${headers}, true),
			set_config('request.cookies', ${'{}'}, true)`;
	const rows = await line.unsafe(text, [...values], { prepare: true });
	await line`commit`;
	return JSON.stringify(rows);
}
