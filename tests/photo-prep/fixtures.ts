import { join } from 'node:path';
import { test as base } from '@playwright/test';
import { makePhotos, type Photos } from '../fixtures/make-photos.ts';
import { type PageServer, servePage } from './server.ts';

export const photosDir = join(import.meta.dirname, '../../.sandbox/photos');

type WorkerFixtures = { photos: Photos; server: PageServer };

/** Playwright's `test` with the sample photos and the page of these tests. */
export const test = base.extend<object, WorkerFixtures>({
	photos: [
		// eslint-disable-next-line no-empty-pattern -- Playwright reads what a fixture needs off its first argument
		async ({}, use) => {
			await use(await makePhotos(photosDir));
		},
		{ scope: 'worker', timeout: 120_000 },
	],
	server: [
		// eslint-disable-next-line no-empty-pattern -- as above
		async ({}, use, { workerIndex }) => {
			const server = await servePage(`photo-prep-page-${workerIndex}`);
			await use(server);
			await server.stop();
		},
		{ scope: 'worker', timeout: 120_000 },
	],
});

export { expect } from '@playwright/test';
