import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { r2ObjectStore, supabaseObjectStore } from '#providers/storage/index.ts';
import { startR2 } from '../r2/index.ts';
import { emptyR2, r2Credentials } from '../r2/under-test.ts';
import { Project } from './project.ts';
import { keepsTo } from './stores.ts';

const endings: (() => Promise<unknown>)[] = [];
afterAll(async () => {
	for (const end of endings) await end();
});

keepsTo('Supabase Storage', async () => {
	const project = await Project.open();
	endings.push(() => project.close());
	const { url, secret: serviceKey } = project;
	return { store: supabaseObjectStore({ url, serviceKey, publicUrl: url }) };
});

/** Against another S3 server, one whose buckets are for tests only, when R2_ENDPOINT and its keys are given. */
keepsTo('Cloudflare R2', async () => {
	const { R2_ENDPOINT, R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY, R2_BUCKET_PREFIX } = process.env;
	if (R2_ENDPOINT && R2_ACCESS_KEY_ID && R2_SECRET_ACCESS_KEY)
		return {
			store: r2ObjectStore({
				endpoint: R2_ENDPOINT,
				bucketPrefix: R2_BUCKET_PREFIX ?? '',
				accessKeyId: R2_ACCESS_KEY_ID,
				secretAccessKey: R2_SECRET_ACCESS_KEY,
			}),
		};
	const dataDir = mkdtempSync(join(tmpdir(), 'r2-'));
	const r2 = await startR2({ port: 0, dataDir, credentials: r2Credentials });
	endings.push(async () => {
		await r2.stop();
		rmSync(dataDir, { recursive: true, force: true });
	});
	return { store: r2ObjectStore(await emptyR2(r2.url)) };
});
