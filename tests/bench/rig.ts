/** What the benches that need the whole product share: the stack, the way of a customer, and the browser. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { BrowserContext } from '@playwright/test';
import { createServerClient } from '@supabase/ssr';
import type { Engine } from '#domain/engine.ts';
import {
	aPerson,
	agree,
	becomes,
	control,
	draft,
	openCheckout,
	type Person,
	startShoot,
	uploadMany,
} from '../flow/world.ts';
import { type Stack, type StackOptions, startStack } from '../sandbox/stack.ts';

const root = join(import.meta.dirname, '../..');
/** First of the ports of the benches. */
export const base = 19320;

/** Runs `measure` on an empty stack of its own, and ends the stack whatever happens. */
export async function onStack<T>(
	options: Omit<StackOptions, 'base' | 'fresh'>,
	measure: (stack: Stack) => Promise<T>,
): Promise<T> {
	if (options.web === 'built') build();
	const stack = await startStack({ base, fresh: true, ...options });
	try {
		return await measure(stack);
	} finally {
		await stack.stop();
	}
}

/** The app as it stands in the tree now. */
function build(): void {
	const { status } = spawnSync('vite', ['build', '--logLevel=error'], {
		cwd: root,
		stdio: 'inherit',
	});
	if (status !== 0) throw new Error('the app does not build');
}

export type Shoot = { person: Person; shootId: string };

/** Somebody's paid shoot. */
export async function aPaidShoot(
	stack: Stack,
	offer: string,
	styles: readonly string[],
	{ person, engine = 'studio' }: { person?: Person | undefined; engine?: Engine } = {},
): Promise<Shoot> {
	const customer = person ?? (await aPerson(stack));
	if (!person) await agree(customer);
	const shootId = await draft(customer, offer, styles, engine);
	const session = await openCheckout(stack, customer, shootId);
	await control(stack.urls.stripe, 'pay', { session });
	await becomes(stack, shootId, 'paid');
	return { person: customer, shootId };
}

/** Uploads the photos and presses start; answers when that has been answered, ms since 1970. */
export async function startFrom(
	stack: Stack,
	{ person, shootId }: Shoot,
	photos = 10,
): Promise<number> {
	await uploadMany(person, shootId, photos);
	const { status, body } = await startShoot(stack, person, shootId);
	const startedAt = Date.now();
	if (status !== 200) throw new Error(JSON.stringify(body));
	return startedAt;
}

/** Puts the session of a person into a browser, as the app keeps it. */
export async function signIn(stack: Stack, context: BrowserContext, person: Person): Promise<void> {
	const { data } = await person.client.auth.getSession();
	if (!data.session) throw new Error('there is no session');
	const cookies: { name: string; value: string; url: string }[] = [];
	const app = createServerClient(stack.urls.supabase, stack.keys.publishable, {
		cookieOptions: { name: 'session' },
		cookies: {
			getAll: () => [],
			setAll: (all) =>
				void cookies.push(...all.map(({ name, value }) => ({ name, value, url: stack.urls.app }))),
		},
	});
	const { error } = await app.auth.setSession(data.session);
	if (error) throw error;
	await context.addCookies(cookies);
}
