/** The control plane for tests, and the console for people. */
import type { Hono } from 'hono';
import { html } from 'hono/html';
import { type Html, page } from '../console.ts';
import { controlOf, whatIsOn, whatMayGoWrong } from '../scenarios.ts';
import { settingsSchema, type World } from './index.ts';
import { scenarios as known, scenarioSchema } from './scenario.ts';

export function controlRoutes(world: World): Hono {
	const { scenarios, settings } = world;
	const app = controlOf({
		scenarios,
		scenarioSchema,
		settings,
		settingsSchema: settingsSchema.partial(),
		onReset() {
			world.calls.length = 0;
			world.requests.length = 0;
		},
	});

	app.get('/__control/log', (c) =>
		c.json({ calls: world.calls, requests: world.requests, scenarios: scenarios.list(), settings }),
	);

	app.get('/', (c) => c.html(consolePage(world)));
	return app;
}

function consolePage({ calls, scenarios, settings, models }: World): Html {
	return page(
		'Gemini stand-in',
		html`<h1>Google Gemini, as the sandbox plays it</h1>
			<p class="figures">
				${calls.length} requests. A picture takes ${settings.imageMs / 1000} s here; at most
				${settings.imagesPerMinute} a minute. Models: ${models.join(', ')}.
			</p>
			${whatIsOn(scenarios.list())}
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
			${whatMayGoWrong(Object.entries(known))}`,
		{ isLive: true },
	);
}
