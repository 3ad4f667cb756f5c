/** queue.fal.run: what became of a request. */
import { Hono } from 'hono';
import { z } from 'zod';
import { type Call, isResultThere } from './call.ts';
import { refusal, toResponse } from './errors.ts';
import { addresses, obstacle, refuseCaller, respond } from './gate.ts';
import { type Door, takeScenario } from './scenario.ts';
import type { World } from './world.ts';

export function requestRoutes(world: World): Hono {
	const { runner, now } = world;
	const app = new Hono();

	app.get('/:path{.+}/requests/:id/status', (c) => {
		const found = findCall(world, c.req.raw, c.req.param('path'), c.req.param('id'), 'status');
		if (found instanceof Response) return found;
		const { status, answer, completedAt, startedAt } = found;
		const queuePosition = runner.queue().indexOf(found);
		const failure = answer !== null && answer.status >= 400 ? failureOf(answer.body) : null;
		return respond(status === 'COMPLETED' ? 200 : 202, found, {
			status,
			...addresses(world, found),
			...(status === 'IN_QUEUE' ? { queue_position: queuePosition } : {}),
			logs: c.req.query('logs') === '1' ? logsOf(found, world) : null,
			...(status === 'COMPLETED'
				? { metrics: { inference_time: ((completedAt ?? 0) - (startedAt ?? 0)) / 1000 } }
				: {}),
			...(failure ?? {}),
		});
	});

	const result = (request: Request, path: string, id: string) => {
		const found = findCall(world, request, path, id, 'result');
		if (found instanceof Response) return found;
		if (found.status !== 'COMPLETED' || found.answer === null) {
			return toResponse(refusal(400, 'Request is still in progress'));
		}
		if (!isResultThere(found, now())) return toResponse(refusal(404, 'Request not found'));
		const { status, headers, body } = found.answer;
		return toResponse({ status, headers: { ...headers, 'x-fal-request-id': found.id }, body });
	};
	app.get('/:path{.+}/requests/:id/response', (c) =>
		result(c.req.raw, c.req.param('path'), c.req.param('id')),
	);
	app.get('/:path{.+}/requests/:id', (c) =>
		result(c.req.raw, c.req.param('path'), c.req.param('id')),
	);

	app.put('/:path{.+}/requests/:id/cancel', (c) => {
		const found = findCall(world, c.req.raw, c.req.param('path'), c.req.param('id'));
		if (found instanceof Response) {
			return found.status === 404 ? Response.json({ status: 'NOT_FOUND' }, { status: 404 }) : found;
		}
		if (found.status === 'COMPLETED') return respond(400, found, { status: 'ALREADY_COMPLETED' });
		runner.cancel(found);
		return respond(202, found, { status: 'CANCELLATION_REQUESTED' });
	});
	return app;
}

/** Both the full endpoint id and its owner and app alone lead to a request. */
function findCall(
	world: World,
	request: Request,
	path: string,
	id: string,
	door?: Door,
): Call | Response {
	const denied = refuseCaller(world, request);
	if (denied) return denied;
	const call = world.calls.find(id);
	const short = call?.endpoint.split('/').slice(0, 2).join('/');
	if (call === null || (path !== call.endpoint && path !== short)) {
		return toResponse(refusal(404, 'Request not found'));
	}
	const scenario =
		door === undefined ? null : takeScenario(world.scenarios, 'submit', call.kind, door);
	return obstacle(scenario?.name) ?? call;
}

const modelFailure = z.object({
	detail: z.array(z.object({ msg: z.string(), type: z.string() })).min(1),
});
const otherFailure = z.object({ detail: z.string(), error_type: z.string().optional() });

/** The two fields that a status shows of a failed request. */
function failureOf(body: string): { error: string; error_type?: string } {
	const json: unknown = JSON.parse(body);
	const model = modelFailure.safeParse(json);
	const first = model.success ? model.data.detail[0] : undefined;
	if (first !== undefined) return { error: first.msg, error_type: first.type };
	const { detail, error_type } = otherFailure.parse(json);
	return { error: detail, ...(error_type === undefined ? {} : { error_type }) };
}

/** The progress bar that a trainer prints, one line for each tenth. */
function logsOf(call: Call, { now, settings }: World): unknown[] {
	if (call.kind !== 'trainer' || call.startedAt === null) return [];
	const { steps } = z
		.looseObject({ steps: z.number().default(2500) })
		.catch({ steps: 2500 })
		.parse(call.input);
	const { startedAt, completedAt } = call;
	const share = completedAt !== null ? 1 : (now() - startedAt) / Math.max(1, settings.trainingMs);
	return Array.from({ length: Math.min(10, Math.floor(share * 10)) }, (_, index) => {
		const percent = (index + 1) * 10;
		return {
			message: `Training: ${percent}%|${'#'.repeat(index + 1).padEnd(10)}| ${(steps * percent) / 100}/${steps}`,
			level: 'INFO',
			source: 'USER',
			timestamp: new Date(startedAt + (settings.trainingMs * percent) / 100).toISOString(),
		};
	});
}
