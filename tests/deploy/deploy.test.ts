/** The rehearsal of `supabase functions deploy` that needs no account. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { build } from 'vite';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const root = join(import.meta.dirname, '../..');
const functions = join(root, 'supabase/functions');
const names = readdirSync(functions, { withFileTypes: true })
	.filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'))
	.map((entry) => entry.name);

/** Bytes of one function when it is bundled on Supabase's side; the stricter of its two limits. */
const largestBundle = 5_000_000;

const dependency = z.object({ specifier: z.string() });
const info = z.object({
	modules: z.array(
		z.object({
			local: z.string().nullish(),
			error: z.string().optional(),
			dependencies: z.array(dependency).optional(),
		}),
	),
});
const importMap = z
	.object({ imports: z.record(z.string(), z.string()) })
	.parse(JSON.parse(readFileSync(join(functions, 'import_map.json'), 'utf8')));

test('config.toml lists every function, and none leaves the check of its caller to the gateway', () => {
	const config = readFileSync(join(root, 'supabase/config.toml'), 'utf8');
	for (const name of names) {
		expect(config).toMatch(new RegExp(`\\[functions\\.${name}\\][^[]*verify_jwt = false`));
	}
});

describe.each(names)('%s', (name) => {
	test('is deployed with the one import map', () => {
		const config = JSON.parse(readFileSync(join(functions, name, 'deno.json'), 'utf8'));
		expect(config).toEqual({ importMap: '../import_map.json' });
	});

	test('imports nothing but files of its own and packages of the import map', () => {
		const entry = join(functions, name, 'index.ts');
		const run = spawnSync(
			'deno',
			[
				'info',
				'--json',
				'--no-lock',
				'--no-remote',
				'--node-modules-dir=manual',
				`--import-map=${join(functions, 'import_map.json')}`,
				entry,
			],
			{ cwd: root, encoding: 'utf8' },
		);
		const { modules } = info.parse(JSON.parse(run.stdout));
		expect(modules.flatMap((module) => module.error ?? [])).toEqual([]);
		const ours = modules.filter(({ local }) => local?.startsWith(functions + sep));
		expect(ours.length).toBeGreaterThan(1);
		const imported = ours.flatMap((module) => module.dependencies ?? []);
		const packages = imported.flatMap(({ specifier }) =>
			specifier.startsWith('.') || specifier.startsWith('node:') ? [] : [specifier],
		);
		expect(packages.filter((specifier) => !(specifier in importMap.imports))).toEqual([]);
		const elsewhere = modules.flatMap(({ local }) => local ?? []);
		const homes = [functions + sep, join(root, 'node_modules') + sep];
		expect(elsewhere.filter((file) => !homes.some((home) => file.startsWith(home)))).toEqual([]);
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
