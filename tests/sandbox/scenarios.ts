/** Scenarios with a name each, of which several may be on: which are, how they are set, and how a console shows it. */
import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import { z } from 'zod';
import type { Html } from './console.ts';
import { controlAnswer, controlBody } from './loopback.ts';

type Named = { name: string; times?: number | undefined };
/** As the control plane is told of it: `succeeds` switches all others off. */
type Asked<One extends Named> = Omit<One, 'name'> & { name: One['name'] | 'succeeds' };

/** What the schema of a scenario begins with. */
export const namedOf = <Name extends string>(known: Record<Name, unknown>) => ({
	name: z.custom<Name | 'succeeds'>(
		(name) => name === 'succeeds' || (typeof name === 'string' && Object.hasOwn(known, name)),
		'unknown scenario',
	),
	/** How many requests it happens to; without it, to all until `succeeds` or a reset. */
	times: z.coerce.number().int().min(1).optional(),
});

const isOne = <One extends Named>(asked: Asked<One>): asked is Asked<One> & One =>
	asked.name !== 'succeeds';

/** The scenarios that are on; the one set first acts first. */
export class Scenarios<One extends Named> {
	#active: One[] = [];

	set(asked: Asked<One>): void {
		if (isOne<One>(asked)) this.#active.push(asked);
		else this.clear();
	}

	clear(): void {
		this.#active = [];
	}

	list(): readonly One[] {
		return this.#active;
	}

	/** The first that `isMeant`, if any; one of its times is used up. */
	take(isMeant: (one: One) => boolean): One | null {
		const found = this.#active.find(isMeant);
		if (found === undefined) return null;
		if (found.times !== undefined && --found.times === 0)
			this.#active = this.#active.filter((one) => one !== found);
		return found;
	}
}

/** The control plane of a stand-in that has settings and such scenarios. */
export function controlOf<One extends Named, Settings extends object>(parts: {
	scenarios: Scenarios<One>;
	scenarioSchema: z.ZodType<Asked<One>>;
	settings: Settings;
	/** Of some of the settings. */
	settingsSchema: z.ZodType<{ [Name in keyof Settings]?: Settings[Name] | undefined }>;
	onSettings?(): void;
	onReset(): void;
}): Hono {
	const { scenarios, settings } = parts;
	const initial = { ...settings };
	const app = new Hono();

	const taking =
		<T>(schema: z.ZodType<T>, act: (asked: T) => unknown) =>
		async (c: Context) => {
			const asked = schema.safeParse(await controlBody(c));
			if (!asked.success) return c.json({ error: z.prettifyError(asked.error) }, 400);
			return controlAnswer(c, act(asked.data));
		};
	app.post(
		'/__control/scenario',
		taking(parts.scenarioSchema, (asked) => {
			scenarios.set(asked);
			return { active: scenarios.list() };
		}),
	);
	app.post(
		'/__control/settings',
		taking(parts.settingsSchema, (changed) => {
			Object.assign(settings, changed);
			parts.onSettings?.();
			return settings;
		}),
	);
	// Scenarios and settings as at the start; what was made stays, as it would at the vendor.
	app.post('/__control/reset', (c) => {
		scenarios.clear();
		Object.assign(settings, initial);
		parts.onReset();
		return controlAnswer(c, { ok: true });
	});
	return app;
}

/** What is on, and the way back. */
export const whatIsOn = (active: readonly Named[]): Html =>
	html`<h2>What shall happen</h2>
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
		</form>`;

/** A button for each, by name and meaning. */
export const whatMayGoWrong = (known: readonly (readonly [string, string])[]): Html =>
	html`<h2>Let the next request go wrong</h2>
		<form class="sheet" method="post" action="/__control/scenario">
			<input type="hidden" name="times" value="1" />
			${known.map(
				([name, meaning]) =>
					html`<p class="row">
						<button name="name" value="${name}">${name}</button> <span>${meaning}</span>
					</p>`,
			)}
		</form>`;
