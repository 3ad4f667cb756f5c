/** Builds the page of these tests as the app is built, and serves it under the app's own policy. */
import { join } from 'node:path';
import { svelte, vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import { build, preview, type InlineConfig } from 'vite';
import { type Door, openDoor } from './door.ts';

const here = import.meta.dirname;
const root = join(here, '../..');
const policy = [
	"default-src 'none'",
	"script-src 'self' 'wasm-unsafe-eval'",
	"style-src 'self'",
	"img-src 'self' blob: data:",
	"connect-src 'self'",
	"worker-src 'self'",
].join('; ');

export type PageServer = { url: string; door: Door; stop(): Promise<void> };

/** On a free port of 127.0.0.1. */
export async function servePage(name = 'photo-prep-page'): Promise<PageServer> {
	const { door, plugin } = openDoor();
	const page = (file: string) => join(here, 'page', file);
	const config: InlineConfig = {
		configFile: false,
		logLevel: 'error',
		root: join(here, 'page'),
		plugins: [svelte({ configFile: false, preprocess: vitePreprocess() }), plugin],
		resolve: { alias: { $lib: join(root, 'src/lib') } },
		worker: { format: 'es' },
		build: {
			outDir: join(root, '.sandbox', name),
			emptyOutDir: true,
			target: 'es2023',
			rolldownOptions: { input: ['index.html', 'sheet.html', 'bare.html'].map(page) },
		},
		preview: {
			host: '127.0.0.1',
			port: 0,
			headers: { 'content-security-policy': policy },
		},
	};
	await build(config);
	const server = await preview(config);
	const address = server.httpServer.address();
	if (address === null || typeof address === 'string') throw new Error('no port');
	return { url: `http://127.0.0.1:${address.port}`, door, stop: () => server.close() };
}
