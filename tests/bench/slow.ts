/** The outside world at the far end of a network: every call takes its time, whatever it is. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Sql } from 'postgres';
import { z } from 'zod';
import { listBody, objects, oneLevel } from '../sandbox/gateway-listing.ts';
import { type Loopback, serveOnLoopback } from '../sandbox/loopback.ts';

/** Our own database and functions are not far away. */
const isNear = (path: string) => /^\/(rest|functions|auth\/v1\/user)/.test(path);

/** Passes every call on to `target`, and answers `callMs` later at the earliest. */
export const slow = (target: string, callMs: number): Promise<Loopback> =>
	serveOnLoopback('slow', 0, () => async (request) => {
		const { pathname } = new URL(request.url);
		const [answer] = await Promise.all([
			passOn(target, request),
			isNear(pathname) ? undefined : wait(callMs),
		]);
		return answer;
	});

async function passOn(target: string, request: Request): Promise<Response> {
	const { pathname, search } = new URL(request.url);
	const headers = new Headers(request.headers);
	for (const name of ['host', 'connection', 'content-length', 'transfer-encoding'])
		headers.delete(name);
	const answer = await fetch(target + pathname + search, {
		method: request.method,
		headers,
		body: ['GET', 'HEAD'].includes(request.method) ? null : await request.arrayBuffer(),
	});
	const own = new Headers(answer.headers);
	for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) own.delete(name);
	// Its bytes, at once: undici cancels the body of an answer that is collected as garbage before it is read.
	const bytes = answer.body && (await answer.arrayBuffer());
	return new Response(bytes, { status: answer.status, headers: own });
}

const removal = z.object({ prefixes: z.array(z.string()).max(1000) });
const signing = z.object({ paths: z.array(z.string()) });

export type SlowProject = Loopback & { calls(): number; gone(): number };

/**
 * A project whose Storage lists, signs and deletes from its own table, `callMs` a call: the local one
 * deletes file by file, which is not what is measured. Everything else is the stack's, far away as well.
 */
export async function slowProject(
	sql: Sql,
	{ target, port, callMs }: { target: string; port: number; callMs: number },
): Promise<SlowProject> {
	let calls = 0;
	let gone = 0;

	const fromTable = async (request: Request): Promise<unknown> => {
		const { pathname } = new URL(request.url);
		const body: unknown = await request.json();
		const bucket = pathname.split('/').at(-1) ?? '';
		if (request.method === 'DELETE') {
			const { prefixes } = removal.parse(body);
			await sql.begin(async (own) => {
				await own`set local storage.allow_delete_query = 'true'`;
				await own`delete from storage.objects where bucket_id = ${bucket} and name = any (${prefixes})`;
			});
			return [];
		}
		if (pathname.includes('/object/list/')) {
			const asked = listBody.parse(body);
			const folder = asked.prefix === '' ? '' : `${asked.prefix}/`;
			const rows = await sql`
				select id, name, created_at::text, updated_at::text, last_accessed_at::text, metadata
				from storage.objects where bucket_id = ${bucket} and starts_with(name, ${folder})`;
			return oneLevel(objects.parse([...rows]), folder, asked);
		}
		const { paths } = signing.parse(body);
		const rows = await sql<{ name: string }[]>`
			select name from storage.objects where bucket_id = ${bucket} and name = any (${paths})`;
		const there = new Set(rows.map(({ name }) => name));
		return paths.map((path) => ({
			path,
			error: there.has(path) ? null : 'not there',
			signedURL: null,
		}));
	};

	const server = await serveOnLoopback('the slow project', port, () => async (request) => {
		const { pathname } = new URL(request.url);
		const isTable =
			/^\/storage\/v1\/object\/(list\/|sign\/)?[a-z]+$/.test(pathname) && request.method !== 'GET';
		if (pathname.startsWith('/storage/')) calls += 1;
		const [answer] = await Promise.all([
			isTable ? fromTable(request).then((json) => Response.json(json)) : passOn(target, request),
			isNear(pathname) ? undefined : wait(callMs),
		]);
		if (pathname.endsWith('/rpc/objects_gone') && answer.ok) gone += 1;
		return answer;
	});
	return { ...server, calls: () => calls, gone: () => gone };
}
