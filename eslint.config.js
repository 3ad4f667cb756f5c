import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

export default ts.config(
	{
		ignores: [
			'.svelte-kit/',
			'build/',
			'.sandbox/',
			'node_modules/',
			'static/',
			'**/database.types.ts',
		],
	},
	js.configs.recommended,
	...ts.configs.strict,
	...svelte.configs.recommended,
	{
		languageOptions: { globals: { ...globals.browser, ...globals.node } },
		rules: {
			'no-undef': 'off',
			'@typescript-eslint/no-explicit-any': 'error',
			'@typescript-eslint/no-non-null-assertion': 'error',
			'@typescript-eslint/consistent-type-imports': 'error',
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
			// Links are plain paths: the app is served from the root of its own host.
			'svelte/no-navigation-without-resolve': 'off',
		},
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: {
			parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig },
		},
		rules: { 'max-lines': ['error', { max: 250 }] },
	},
	{
		files: ['src/**/*.ts', 'supabase/functions/**/*.ts', 'tests/**/*.ts'],
		// Deno's own entry files are outside the TypeScript project; `deno check` reads them.
		ignores: ['**/*.svelte.ts', 'supabase/functions/*/index.ts', '**/*.deno.ts'],
		languageOptions: { parserOptions: { projectService: true } },
		rules: {
			'@typescript-eslint/switch-exhaustiveness-check': [
				'error',
				{ considerDefaultExhaustiveForUnions: true },
			],
			'@typescript-eslint/no-floating-promises': 'error',
			'@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
		},
	},
	{
		files: ['supabase/functions/_shared/{domain,flow,store,providers}/**/*.ts'],
		rules: {
			'no-restricted-globals': [
				'error',
				{
					name: 'Deno',
					message:
						'Shared code runs in Node, Deno and the browser: only runtime/ may name its host.',
				},
				{
					name: 'process',
					message:
						'Shared code runs in Node, Deno and the browser: only runtime/ may name its host.',
				},
			],
		},
	},
);
