import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';

const node = { environment: 'node' as const };

export default defineConfig({
	plugins: [sveltekit()],
	worker: { format: 'es' },
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
						'tests/*.test.ts',
						'tests/fixtures/**/*.test.ts',
					],
				},
			},
			// These start real servers: one file at a time, each with its own ports.
			...['sandbox', 'sql', 'flow'].map((name) => ({
				extends: true as const,
				test: {
					...node,
					name,
					include: [`tests/${name}/**/*.test.ts`],
					fileParallelism: false,
					testTimeout: 60_000,
					hookTimeout: 180_000,
				},
			})),
			{
				extends: true,
				test: {
					...node,
					name: 'promises',
					include: ['tests/promises/**/*.test.ts'],
					globalSetup: 'tests/promises/stack.ts',
					fileParallelism: false,
					testTimeout: 120_000,
					hookTimeout: 180_000,
				},
			},
		],
	},
});
