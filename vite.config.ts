import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';
import { policyCheck } from './src/lib/policy/check.ts';

const node = {
	environment: 'node' as const,
	// How long what comes may take: a test is not about how slow the machine is.
	testTimeout: 180_000,
	hookTimeout: 180_000,
	expect: { poll: { timeout: 60_000 } },
};

export default defineConfig({
	plugins: [policyCheck(), sveltekit()],
	worker: { format: 'es' },
	build: {
		rolldownOptions: {
			output: {
				codeSplitting: {
					// What every page of the studio needs comes in two pieces: in twenty small ones it stood in line before the pictures.
					groups: [
						{ name: 'svelte', test: /node_modules\/(svelte|@sveltejs)\// },
						{ name: 'shared', test: /src\/lib\/(components|state)\//, minShareCount: 3 },
					],
				},
			},
		},
	},
	// The reader of manifests decodes with it; its other build makes code from text, which no page of ours may.
	resolve: { alias: [{ find: /^cbor-x$/, replacement: 'cbor-x/index-no-eval' }] },
	// Only a worker imports it, and only for a HEIC: found that late, Vite would reload the page in dev.
	optimizeDeps: { include: ['libheif-js/libheif-wasm/libheif.js'] },
	test: {
		projects: [
			{
				extends: true,
				test: {
					...node,
					name: 'unit',
					include: [
						'src/**/*.test.ts',
						'supabase/functions/**/*.test.ts',
						'tests/architecture.test.ts',
						'tests/security.test.ts',
					],
				},
			},
			// These start real servers, or take their time: one file at a time, each with its own ports.
			...[['sandbox', 'fixtures', 'deploy'], ['sql'], ['flow'], ['faults']].map(
				([name = '', ...also]) => ({
					extends: true as const,
					test: {
						...node,
						name,
						include: [name, ...also].map((folder) => `tests/${folder}/**/*.test.ts`),
						fileParallelism: false,
					},
				}),
			),
			{
				extends: true,
				test: {
					...node,
					name: 'promises',
					include: ['tests/promises/**/*.test.ts'],
					globalSetup: 'tests/promises/stack.ts',
					fileParallelism: false,
				},
			},
		],
	},
});
