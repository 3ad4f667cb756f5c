/** queue.fal.run: a request comes in. */
import { randomUUID } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { Call } from './call.ts';
import { lifecycleSchema } from './cdn.ts';
import { refusal, requestError, toResponse } from './errors.ts';
import { addresses, obstacle, refuseCaller, respond } from './gate.ts';
import { takeScenario } from './scenario.ts';
import type { World } from './world.ts';

const kinds: Record<string, Call['kind']> = {
	'fal-ai/flux-lora-portrait-trainer': 'trainer',
	'fal-ai/flux-lora': 'generator',
};

export function submitRoutes(world: World): Hono<{ Bindings: HttpBindings }> {
	const { calls, runner, scenarios, now } = world;
	const app = new Hono<{ Bindings: HttpBindings }>();
	app.post('/:owner/:app{.+}', async (c) => {
		const endpoint = `${c.req.param('owner')}/${c.req.param('app')}`;
		const denied = refuseCaller(world, c.req.raw);
		if (denied) return denied;
		const kind = kinds[endpoint];
		if (kind === undefined) return toResponse(refusal(404, `Application '${endpoint}' not found`));
		const scenario = takeScenario(scenarios, 'submit', kind);
		const hindrance = obstacle(scenario?.name);
		if (hindrance) return hindrance;
		const longest = c.req.query('fal_max_queue_length');
		if (longest !== undefined && runner.queue().length > Number(longest)) {
			return toResponse(requestError(429, 'queue_full', 'The queue is longer than you asked for.'));
		}
		const input: unknown = await c.req.json().catch(() => undefined);
		if (input === undefined) {
			return toResponse(requestError(400, 'bad_request', 'The body is not JSON.'));
		}
		const header = (name: string) => c.req.header(name);
		const lifecycle = readLifecycle(header('x-fal-object-lifecycle-preference'));
		if (lifecycle === null) {
			return toResponse(requestError(400, 'bad_request', 'Invalid lifecycle preference.'));
		}
		const timeout =
			header('x-fal-request-start-timeout') ?? header('x-fal-request-timeout') ?? null;
		const call: Call = {
			id: randomUUID(),
			endpoint,
			kind,
			input,
			webhookUrl: c.req.query('fal_webhook') ?? null,
			isStored: header('x-fal-store-io') !== '0',
			lifecycle,
			startTimeoutSeconds: timeout === null ? null : Number(timeout),
			status: 'IN_QUEUE',
			submittedAt: now(),
			startedAt: null,
			completedAt: null,
			answer: null,
			isCancelRequested: false,
			payloadsDeletedAt: null,
			runScenario: takeScenario(scenarios, 'run', kind),
			webhookScenario: takeScenario(scenarios, 'webhook', kind),
			dataset: null,
			webhook: { attempts: 0, state: 'none', lastStatus: null },
		};
		const position = runner.queue().length;
		calls.save(call);
		if (call.startTimeoutSeconds !== null) {
			setTimeout(() => runner.expire(call), call.startTimeoutSeconds * 1000).unref();
		}
		if (call.webhookScenario?.name === 'webhookBeforeAnswer') await runner.runNow(call);
		else runner.advance();
		if (scenario?.name === 'answerLost') c.env.incoming.socket.destroy();
		const { request_id, ...urls } = addresses(world, call);
		return respond(200, call, {
			status: 'IN_QUEUE',
			request_id,
			...urls,
			queue_position: position,
		});
	});

	return app;
}

function readLifecycle(header: string | undefined): Call['lifecycle'] | null {
	try {
		return lifecycleSchema.parse(JSON.parse(header ?? '{}'));
	} catch {
		return null;
	}
}
