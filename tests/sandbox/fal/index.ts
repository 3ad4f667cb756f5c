/**
 * fal.ai on this machine: one server plays queue.fal.run, api.fal.ai, rest.fal.ai and the CDN.
 * Wire formats as fal documents them; see `scenario.ts` for what can be made to go wrong.
 */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { type Loopback, serveOnLoopback } from '../loopback.ts';
import { Scenarios } from '../scenarios.ts';
import { Calls } from './call.ts';
import { Cdn } from './cdn.ts';
import { controlRoutes } from './control.ts';
import { defaults, type FalOptions, settingsSchema } from './options.ts';
import { platformRoutes } from './platform.ts';
import { requestRoutes } from './requests.ts';
import { Runner } from './runner.ts';
import { submitRoutes } from './submit.ts';
import { Webhooks } from './webhooks.ts';
import type { World } from './world.ts';

export type { FalOptions } from './options.ts';

/** With it weights are sealed; of the account, so that weights outlive a restart. */
export const secretOf = (adminKey: string) => `fal stand-in ${adminKey}`;

/** `FAL_QUEUE_URL` and `FAL_API_URL` are the url; the keys lie at `/.well-known/jwks.json`, the files under `/files/`. */
export async function startFal(options: FalOptions): Promise<Loopback> {
	const { dataDir, userId, adminKey } = options;
	const settings = settingsSchema.strip().parse({ ...defaults, ...options });
	const now = () => Date.now() + settings.clockAheadSeconds * 1000;
	const dir = dataDir ?? mkdtempSync(join(tmpdir(), 'fal-'));
	const secret = secretOf(adminKey);
	let stopParts = () => {};
	const server = await serveOnLoopback('fal', options.port, (url) => {
		const cdn = new Cdn(join(dir, 'files'), url, secret, now);
		const calls = new Calls(join(dir, 'requests.jsonl'));
		const webhooks = new Webhooks(settings, userId, now, (call) => calls.save(call));
		const runner = new Runner({ calls, cdn, webhooks, settings, secret, now });
		const world: World = {
			url,
			options,
			settings,
			now,
			calls,
			cdn,
			runner,
			scenarios: new Scenarios(),
			webhooks,
			requests: [],
			deletions: [],
		};
		stopParts = () => {
			runner.stop();
			webhooks.stop();
		};
		const app = new Hono<{ Bindings: HttpBindings }>();
		app.use(async (c, next) => {
			await next();
			const { method, path } = c.req;
			if (path === '/' || path.startsWith('/__control/')) return;
			world.requests.push({ at: now(), method, path, status: c.res.status });
		});
		app.route('/', controlRoutes(world));
		app.route('/', platformRoutes(world));
		app.route('/', requestRoutes(world));
		app.route('/', submitRoutes(world));
		runner.resume();
		return app.fetch;
	});
	return {
		url: server.url,
		stop: async () => {
			stopParts();
			await server.stop();
			if (dataDir === undefined) await rm(dir, { recursive: true, force: true });
		},
	};
}
