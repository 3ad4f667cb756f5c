/** One stack for all the proofs: started before the first file, ended after the last. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { defaultProfile } from '#domain/profile.ts';
import { startStack } from '../sandbox/stack.ts';
import type { Proven } from './world.ts';

declare module 'vitest' {
	interface ProvidedContext {
		proven: Proven;
	}
}

const isBuilt = existsSync(join(import.meta.dirname, '../../build/index.js'));

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
	const base = Number(process.env['PROMISES_BASE'] ?? 19020);
	const web = isBuilt ? 'built' : 'dev';
	const asked = process.env['PROMISES_PROFILE'] ?? defaultProfile;
	const { profile, urls, keys, env, databaseUrl, dataDir, stop } = await startStack({
		base,
		profile: asked,
		fresh: true,
		web,
		cron: false,
	});
	project.provide('proven', { profile, base, urls, keys, env, databaseUrl, dataDir });
	return stop;
}
