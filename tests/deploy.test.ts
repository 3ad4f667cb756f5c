/** The rehearsal of `supabase functions deploy` that needs no account. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { build } from 'vite';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const root = join(import.meta.dirname, '..');
const functions = join(root, 'supabase/functions');
const names = readdirSync(functions, { withFileTypes: true })
	.filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'))
	.map((entry) => entry.name);

/** Bytes of one function when it is bundled on Supabase's side; the stricter of its two limits. */
const largestBundle = 5_000_000;

const info = z.object({
	modules: z.array(z.object({ local: z.string().nullish(), error: z.string().optional() })),
});

test('config.toml lists every function, and none leaves the check of its caller to the gateway', () => {
	const config = readFileSync(join(root, 'supabase/config.toml'), 'utf8');
	for (const name of names) {
		expect(config).toMatch(new RegExp(`\\[functions\\.${name}\\][^[]*verify_jwt = false`));
	}
});

describe.each(names)('%s', (name) => {
	test('imports nothing from outside the project', () => {
		const entry = join(functions, name, 'index.ts');
		const run = spawnSync(
			'deno',
			['info', '--json', '--no-lock', '--config', join(functions, name, 'deno.json'), entry],
			{ cwd: root, encoding: 'utf8' },
		);
		const { modules } = info.parse(JSON.parse(run.stdout));
		expect(modules.flatMap((module) => module.error ?? [])).toEqual([]);
		const files = modules.flatMap((module) => module.local ?? []);
		expect(files.length).toBeGreaterThan(0);
		expect(files.filter((file) => !file.startsWith(functions + sep))).toEqual([]);
	});

	test('stays under the limit of a bundle', async () => {
		const built = await build({
			configFile: false,
			root,
			logLevel: 'error',
			ssr: { noExternal: true, target: 'webworker' },
			build: { ssr: join(functions, name, 'index.ts'), write: false, minify: false },
		});
		const outputs = [built].flat().flatMap((one) => ('output' in one ? one.output : []));
		const bytes = outputs.reduce(
			(sum, file) => sum + Buffer.byteLength(file.type === 'chunk' ? file.code : file.source),
			0,
		);
		expect(bytes).toBeGreaterThan(10_000);
		expect(bytes).toBeLessThan(largestBundle);
	});
});
