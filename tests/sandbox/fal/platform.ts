/** api.fal.ai, rest.fal.ai and the CDN hosts: deletion, look-up, files, tokens and the webhook keys. */
import { Hono } from 'hono';
import { z } from 'zod';
import type { Call } from './call.ts';
import { isResultThere } from './call.ts';
import { answer, platformError, toResponse } from './errors.ts';
import { obstacle, refuseCaller } from './gate.ts';
import { serveFile } from './serve-file.ts';
import { takeScenario } from './scenario.ts';
import type { World } from './world.ts';

const seconds = z.number().int().min(1).max(604_800);
const upload = z.object({ content_type: z.string(), file_name: z.string() });

export function platformRoutes(world: World): Hono {
	const { calls, cdn, options, scenarios, webhooks, now, url } = world;
	const app = new Hono();

	app.get('/.well-known/jwks.json', (c) => c.json(webhooks.jwks()));

	app.delete('/v1/models/requests/:id/payloads', (c) => {
		const denied = platformDoor(world, c.req.raw);
		if (denied) return denied;
		if (c.req.header('authorization') !== `Key ${options.adminKey}`) {
			const message = 'This operation needs a key with ADMIN scope.';
			return toResponse(platformError(403, 'authorization_error', message));
		}
		const hindrance = obstacle(takeScenario(scenarios, 'submit', null, 'delete')?.name);
		if (hindrance) return hindrance;
		const call = calls.find(c.req.param('id'));
		if (call === null) return toResponse(platformError(404, 'not_found', 'Request not found'));
		const files = cdn.list().filter(({ requestId }) => requestId === call.id);
		for (const { path } of files) cdn.remove(path);
		call.payloadsDeletedAt ??= now();
		calls.save(call);
		const links = files.map(({ path }) => cdn.url(path));
		world.deletions.push({ requestId: call.id, at: now(), files: links });
		return c.json({ cdn_delete_results: links.map((link) => ({ link, exception: null })) });
	});

	app.get('/v1/models/requests/by-endpoint', (c) => {
		const denied = platformDoor(world, c.req.raw);
		if (denied) return denied;
		const endpoint = c.req.query('endpoint_id');
		if (endpoint === undefined) {
			return toResponse(platformError(400, 'validation_error', 'endpoint_id is required'));
		}
		const wanted = c.req.query('request_id');
		const isExpanded = c.req.queries('expand')?.includes('payloads') ?? false;
		const items = calls
			.list()
			.filter((call) => call.endpoint === endpoint && (wanted ?? call.id) === call.id)
			.reverse()
			.map((call) => item(call, isExpanded, now()));
		return toResponse(answer(200, { next_cursor: null, has_more: false, items }));
	});

	app.post('/v1/storage/files/sign', async (c) => {
		const denied = platformDoor(world, c.req.raw);
		if (denied) return denied;
		const path = pathOf(world, c.req.query('url') ?? '');
		const body = z
			.object({ expiration_seconds: seconds })
			.safeParse(await c.req.json().catch(() => null));
		if (!body.success)
			return toResponse(platformError(400, 'validation_error', 'expiration_seconds'));
		if (path === null) return toResponse(platformError(404, 'not_found', 'File not found'));
		return c.json({ signed_url: cdn.sign(path, body.data.expiration_seconds) });
	});

	app.post('/storage/auth/token', (c) => {
		const denied = refuseCaller(world, c.req.raw);
		if (denied) return denied;
		const { token, expiresAt } = cdn.token(3600);
		return c.json({
			token,
			token_type: 'Bearer',
			base_url: url,
			expires_at: expiresAt.toISOString(),
		});
	});

	app.post('/storage/upload/initiate', async (c) => {
		const denied = refuseCaller(world, c.req.raw);
		if (denied) return denied;
		const body = upload.safeParse(await c.req.json().catch(() => null));
		if (!body.success) return c.json({ detail: 'content_type and file_name are required' }, 422);
		const { content_type: contentType, file_name: name } = body.data;
		const about = { name, contentType, requestId: null, lifecycle: {} };
		const file = await cdn.putBytes(about, Buffer.alloc(0));
		return c.json({ upload_url: file.url, file_url: file.url });
	});

	app.put('/files/b/:path{.+}', async (c) => {
		const written = cdn.replace(c.req.param('path'), Buffer.from(await c.req.arrayBuffer()));
		return written ? c.body(null, 200) : c.text('Not Found', 404);
	});

	app.post('/files/b/:path{.+}/sign', async (c) => {
		const path = c.req.param('path');
		const body = z.object({ duration: seconds }).safeParse(await c.req.json().catch(() => null));
		const isOwner = refuseCaller(world, c.req.raw) === null;
		if (!isOwner || !body.success || cdn.find(path) === null) return c.text('Forbidden', 403);
		return c.json({ signed_url: cdn.sign(path, body.data.duration) });
	});

	app.get('/files/b/:path{.+}', (c) => serveFile(cdn, c.req.param('path'), c.req.raw));
	return app;
}

function platformDoor(world: World, request: Request): Response | null {
	return refuseCaller(world, request) === null
		? null
		: toResponse(platformError(401, 'authorization_error', 'Invalid or missing API key'));
}

function pathOf({ cdn, url }: World, address: string): string | null {
	const start = `${url}/files/b/`;
	const path = address.startsWith(start) ? address.slice(start.length) : '';
	return cdn.find(path) === null ? null : path;
}

function item(call: Call, isExpanded: boolean, now: number) {
	const at = (time: number | null) => (time === null ? null : new Date(time).toISOString());
	const hasPayload = isExpanded && call.isStored && call.payloadsDeletedAt === null;
	const isDone = call.status === 'COMPLETED' && isResultThere(call, now);
	return {
		request_id: call.id,
		endpoint_id: call.endpoint,
		sent_at: at(call.submittedAt),
		started_at: at(call.startedAt),
		ended_at: at(call.completedAt),
		status_code: call.answer?.status ?? null,
		...(hasPayload
			? {
					json_input: call.input,
					json_output: isDone ? JSON.parse(call.answer?.body ?? 'null') : null,
				}
			: {}),
	};
}
