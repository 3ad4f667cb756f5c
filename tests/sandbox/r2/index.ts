/**
 * Cloudflare R2's S3 interface over a folder: path-style, every request signed, and what is not is refused.
 * As at R2, a signed address covers the headers that it names and no others.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Loopback, serveOnLoopback } from '../loopback.ts';
import { aboutBucket } from './buckets.ts';
import { Folder } from './folder.ts';
import { aboutObject } from './objects.ts';
import { Refusal } from './refusal.ts';
import { type Scenario, scenarioSchema } from './scenario.ts';
import { Settings } from './settings.ts';
import { type Credentials, verify } from './signature.ts';
import { Uploads } from './uploads.ts';

export type R2Options = { port: number; dataDir: string; credentials: Credentials };

/** Of the control plane: what was asked, without keys and signatures. */
type Seen = { method: string; bucket: string; what: string; status: number };

export async function startR2({ port, dataDir, credentials }: R2Options): Promise<Loopback> {
	const folder = new Folder(join(dataDir, 'objects'));
	const uploads = new Uploads(folder);
	const settings = new Settings(join(dataDir, 'settings.json'));
	const seen: Seen[] = [];
	let scenario: Scenario = scenarioSchema.parse({});

	const store = async (request: Request, url: URL): Promise<Response> => {
		const [, bucket = '', ...rest] = url.pathname.split('/');
		const key = decodeURIComponent(rest.join('/'));
		const origin = request.headers.get('origin');
		if (request.method === 'OPTIONS') {
			const asked = request.headers.get('access-control-request-headers') ?? '';
			const cors = settings.cors(
				bucket,
				origin ?? '',
				request.headers.get('access-control-request-method') ?? '',
				asked.split(',').flatMap((name) => name.trim().toLowerCase() || []),
			);
			return new Response(null, cors ? { status: 204, headers: cors } : { status: 403 });
		}
		const answer = await answered(request, url, bucket, key);
		const cors = origin === null ? null : settings.cors(bucket, origin, request.method, []);
		for (const [name, value] of cors ?? []) answer.headers.set(name, value);
		// A refused body is not read to its end: this connection cannot carry another request.
		if (!answer.ok) answer.headers.set('connection', 'close');
		seen.push({
			method: request.method,
			bucket,
			what: key === '' ? [...url.searchParams.keys()].join() : 'object',
			status: answer.status,
		});
		return answer;
	};

	const answered = async (request: Request, url: URL, bucket: string, key: string) => {
		try {
			if (scenario.delayMs > 0) await pause(scenario.delayMs);
			await verify(request, credentials, new Date());
			if (scenario.slowDown !== 0) {
				if (scenario.slowDown > 0) scenario.slowDown -= 1;
				throw new Refusal(503, 'SlowDown', 'Reduce your request rate.');
			}
			const call = { request, url, bucket, key, folder, uploads, scenario };
			if (key === '') return await aboutBucket(call, settings);
			if (!folder.bucket(bucket))
				throw new Refusal(404, 'NoSuchBucket', 'The specified bucket does not exist.');
			if (new TextEncoder().encode(key).length > 1024)
				throw new Refusal(400, 'KeyTooLongError', 'Your key is too long.');
			return await aboutObject(call);
		} catch (error) {
			if (error instanceof Refusal)
				return request.method === 'HEAD'
					? new Response(null, { status: error.status })
					: error.response;
			return new Refusal(500, 'InternalError', 'We encountered an internal error.').response;
		}
	};

	const control = async (request: Request, path: string): Promise<Response> => {
		switch (path) {
			case 'scenario': {
				const asked = scenarioSchema.safeParse(await request.json().catch(() => ({})));
				if (!asked.success)
					return Response.json({ error: z.prettifyError(asked.error) }, { status: 422 });
				scenario = asked.data;
				return Response.json(scenario);
			}
			/** An object that goes without anybody having asked for it. */
			case 'lose': {
				const { bucket, key } = z
					.object({ bucket: z.string(), key: z.string() })
					.parse(await request.json());
				await folder.remove(bucket, key);
				return Response.json({ ok: true });
			}
			case 'log':
				return Response.json({ scenario, requests: seen, openUploads: uploads.count });
			case 'reset':
				scenario = scenarioSchema.parse({});
				seen.splice(0);
				return Response.json({ ok: true });
			/** Whatever lies in the buckets, for a test to read back. */
			case 'objects':
				return Response.json(
					folder.buckets().flatMap((bucket) =>
						[...(folder.bucket(bucket)?.values() ?? [])].map(({ key, bytes }) => ({
							bucket,
							key,
							bytes,
						})),
					),
				);
		}
		return new Response('no such control', { status: 404 });
	};

	return serveOnLoopback('R2', port, () => (request) => {
		const url = new URL(request.url);
		const path = /^\/__control\/(\w+)$/.exec(url.pathname)?.[1];
		return path === undefined ? store(request, url) : control(request, path);
	});
}
