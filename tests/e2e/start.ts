/** One stack for all end-to-end tests, with the web app as it is built for production. */
import { startStack } from '../sandbox/stack.ts';

export const E2E_BASE = 53320;

export default async function start() {
	const stack = await startStack({ base: E2E_BASE, fresh: true, web: 'built' });
	process.env['E2E_STACK'] = JSON.stringify({
		urls: stack.urls,
		databaseUrl: `postgres://postgres:${stack.keys.database}@${stack.urls.database}/postgres`,
		keys: stack.keys,
	});
	return () => stack.stop();
}
