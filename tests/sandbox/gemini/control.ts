/** The control plane for tests, and the console for people. */
import { Hono } from 'hono';
import { html } from 'hono/html';
import { z } from 'zod';
import { type Html, page } from '../console.ts';
import { controlAnswer, controlBody } from '../loopback.ts';
import { type Settings, settingsSchema, type World } from './index.ts';
import { scenarios as known, scenarioSchema } from './scenario.ts';

export function controlRoutes(world: World, initial: Settings): Hono {
	const { scenarios, settings } = world;
	const app = new Hono();

	app.post('/__control/scenario', async (c) => {
		const scenario = scenarioSchema.safeParse(await controlBody(c));
		if (!scenario.success) return c.json({ error: z.prettifyError(scenario.error) }, 400);
		scenarios.set(scenario.data);
		return controlAnswer(c, { active: scenarios.list() });
	});

	app.post('/__control/settings', async (c) => {
		const changed = settingsSchema.partial().safeParse(await controlBody(c));
		if (!changed.success) return c.json({ error: z.prettifyError(changed.error) }, 400);
		Object.assign(settings, changed.data);
		return controlAnswer(c, settings);
	});

	app.post('/__control/reset', (c) => {
		scenarios.set(scenarioSchema.parse({ name: 'succeeds' }));
		Object.assign(settings, initial);
		world.calls.length = 0;
		world.requests.length = 0;
		return controlAnswer(c, { ok: true });
	});

	app.get('/__control/log', (c) =>
		c.json({ calls: world.calls, requests: world.requests, scenarios: scenarios.list(), settings }),
	);

	app.get('/', (c) => c.html(consolePage(world)));
	return app;
}

function consolePage({ calls, scenarios, settings, models }: World): Html {
	const active = scenarios.list();
	return page(
		'Gemini stand-in',
		html`<h1>Google Gemini, as the sandbox plays it</h1>
			<p class="figures">
				${calls.length} requests. A picture takes ${settings.imageMs / 1000} s here; at most
				${settings.imagesPerMinute} a minute. Models: ${models.join(', ')}.
			</p>
			<h2>What shall happen</h2>
			<p class="alert">
				${
					active.length === 0
						? 'All requests succeed.'
						: active
								.map(({ name, times }) => `${name}${times === undefined ? '' : `, ${times} times`}`)
								.join('; ')
				}
			</p>
			<form class="sheet row" method="post" action="/__control/scenario">
				<button class="main" name="name" value="succeeds">All succeeds</button>
			</form>
			<h2>Requests</h2>
			<div class="scroll">
				<table>
					<thead>
						<tr>
							<th>Arrived</th>
							<th>Answer</th>
							<th>Photos</th>
							<th>Asked for</th>
						</tr>
					</thead>
					<tbody>
						${calls
							.toReversed()
							.slice(0, 100)
							.map(
								({ at, status, scenario, photos, prompt }) =>
									html`<tr>
										<td class="figures">${new Date(at).toISOString().slice(11, 19)}</td>
										<td>${status || 'on its way'} <small>${scenario ?? ''}</small></td>
										<td class="figures">${photos.length}</td>
										<td><small>${prompt.slice(0, 160)}</small></td>
									</tr>`,
							)}
					</tbody>
				</table>
			</div>
			<h2>Let the next request go wrong</h2>
			<form class="sheet" method="post" action="/__control/scenario">
				<input type="hidden" name="times" value="1" />
				${Object.entries(known).map(
					([name, meaning]) =>
						html`<p class="row">
							<button name="name" value="${name}">${name}</button> <span>${meaning}</span>
						</p>`,
				)}
			</form>`,
		{ isLive: true },
	);
}
