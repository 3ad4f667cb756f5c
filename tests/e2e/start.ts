/** One stack for all end-to-end tests, with the web app as it is built for production. */
import { defaultProfile } from '#domain/profile.ts';
import { startStack } from '../sandbox/stack.ts';

/** Another base lets two runs go on at once on one machine. */
const base = Number(process.env['E2E_BASE'] ?? 23320);

export default async function start() {
	const profile = process.env['E2E_PROFILE'] ?? defaultProfile;
	const stack = await startStack({ base, profile, fresh: true, web: 'built' });
	process.env['E2E_STACK'] = JSON.stringify({
		urls: stack.urls,
		databaseUrl: stack.databaseUrl,
		keys: stack.keys,
		env: stack.env,
	});
	return () => stack.stop();
}
