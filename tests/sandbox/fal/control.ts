/** The control plane for tests, and the console for people. */
import type { Hono } from 'hono';
import { html } from 'hono/html';
import { z } from 'zod';
import { type Html, page } from '../console.ts';
import { controlAnswer, controlBody } from '../loopback.ts';
import { controlOf, whatIsOn, whatMayGoWrong } from '../scenarios.ts';
import type { Call } from './call.ts';
import { settingsSchema } from './options.ts';
import { scenarios as known, scenarioSchema } from './scenario.ts';
import type { World } from './world.ts';

export function controlRoutes(world: World): Hono {
	const { calls, cdn, scenarios, settings, webhooks, runner } = world;
	const app = controlOf({
		scenarios,
		scenarioSchema,
		settings,
		settingsSchema: settingsSchema.partial(),
		onSettings: () => runner.advance(),
		onReset: () => void (world.requests.length = 0),
	});

	// The requests as they will be so many seconds later.
	app.post('/__control/age', async (c) => {
		const { seconds } = z.object({ seconds: z.number() }).parse(await controlBody(c));
		for (const call of calls.list()) {
			call.submittedAt -= seconds * 1000;
			calls.save(call);
		}
		return controlAnswer(c, { ok: true });
	});

	app.get('/__control/log', (c) =>
		c.json({
			requests: world.requests,
			submits: calls.list().map(({ answer, ...call }) => ({
				...call,
				answer: answer === null ? null : { status: answer.status, body: answer.body },
			})),
			webhooks: webhooks.deliveries,
			deletions: world.deletions,
			files: cdn.list().map((file) => ({ ...file, url: cdn.url(file.path) })),
			scenarios: scenarios.list(),
			settings,
		}),
	);

	app.get('/', (c) => c.html(consolePage(world)));
	return app;
}

function consolePage({ calls, cdn, scenarios, settings, runner }: World): Html {
	const list = calls.list().reverse();
	const inProgress = list.filter(({ status }) => status === 'IN_PROGRESS').length;
	return page(
		'fal stand-in',
		html`<h1>fal.ai, as the sandbox plays it</h1>
			<p class="figures">
				${inProgress} of ${settings.concurrency} in progress, ${runner.queue().length} waiting,
				${list.length} in all; ${cdn.list().length} files on the CDN. A training takes
				${settings.trainingMs / 1000} s here, a picture ${settings.imageMs / 1000} s.
			</p>
			${whatIsOn(scenarios.list())}
			<h2>Requests</h2>
			<div class="scroll">
				<table>
					<thead>
						<tr>
							<th>Submitted</th>
							<th>Endpoint</th>
							<th>State</th>
							<th>Photos</th>
							<th>Webhook</th>
							<th>Files</th>
						</tr>
					</thead>
					<tbody>
						${list.slice(0, 100).map((call) => row(call, cdn.list()))}
					</tbody>
				</table>
			</div>
			${whatMayGoWrong(Object.entries(known).map(([name, { meaning }]) => [name, meaning]))}`,
		{ isLive: true },
	);
}

function row(call: Call, files: ReturnType<World['cdn']['list']>): Html {
	const own = files.filter(({ requestId }) => requestId === call.id);
	const state =
		call.answer === null
			? call.status.toLowerCase().replace('_', ' ')
			: `${call.answer.status}${call.payloadsDeletedAt === null ? '' : ', deleted'}`;
	return html`<tr>
		<td class="figures">${new Date(call.submittedAt).toISOString().slice(11, 19)}</td>
		<td><code>${call.endpoint}</code><br /><small>${call.id}</small></td>
		<td>${state} <small>${call.runScenario?.name ?? ''}</small></td>
		<td class="figures">${call.dataset?.photos ?? ''}</td>
		<td>
			${call.webhook.attempts === 0 ? 'none' : `${call.webhook.attempts}, ${call.webhook.state}`}
			<small>${call.webhookScenario?.name ?? ''}</small>
		</td>
		<td>
			${own.map(({ path, bytes }) => html`<a href="/files/b/${path}">${path.split('/')[1]}</a> <small>${Math.ceil(bytes / 1000)} kB</small><br />`)}
		</td>
	</tr>`;
}
