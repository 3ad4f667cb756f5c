/** `prepare-r2.ts` as an operator runs it, and what the buckets say of themselves afterwards. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AwsClient } from 'aws4fetch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type Bucket, buckets } from '#domain/object-store.ts';
import { r2ObjectStore } from '#providers/storage/index.ts';
import type { Loopback } from '../loopback.ts';
import { startR2 } from './index.ts';
import { r2Credentials } from './under-test.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');
const client = new AwsClient({ ...r2Credentials, service: 's3', region: 'auto', retries: 0 });
const dataDir = mkdtempSync(join(tmpdir(), 'r2-'));
let r2: Loopback;

beforeAll(async () => {
	r2 = await startR2({ port: 0, dataDir, credentials: r2Credentials });
});
afterAll(async () => {
	await r2.stop();
	rmSync(dataDir, { recursive: true, force: true });
});

/** What it says, or why it did nothing. */
const prepare = async (origins: string[], env: Record<string, string> = {}) =>
	run(process.execPath, [join(root, 'supabase/files/prepare-r2.ts'), ...origins], {
		env: {
			PROFILE: 'headshotr',
			SITE_NAME: 'Headshotr',
			ENGINES: 'instant',
			OFFERS: 'essential',
			SIGN_IN: 'google',
			FILE_STORE: 'r2',
			SUPABASE_URL: 'http://127.0.0.1:1',
			SUPABASE_SERVICE_ROLE_KEY: 'x',
			SUPABASE_ANON_KEY: 'x',
			SITE_URL: 'http://127.0.0.1:1',
			R2_ENDPOINT: r2.url,
			R2_BUCKET_PREFIX: 'live-',
			R2_ACCESS_KEY_ID: r2Credentials.accessKeyId,
			R2_SECRET_ACCESS_KEY: r2Credentials.secretAccessKey,
			...env,
		},
	});

const told = async (bucket: Bucket, what: 'cors' | 'lifecycle'): Promise<string> => {
	const answer = await client.fetch(`${r2.url}/live-${bucket}?${what}`);
	return `${answer.status} ${await answer.text()}`;
};
const all = (text: string, name: string) =>
	[...text.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'g'))].map(([, inner = '']) => inner);
const rules = async (bucket: Bucket) =>
	all(await told(bucket, 'lifecycle'), 'Rule').map((rule) => ({
		id: all(rule, 'ID')[0],
		isOn: all(rule, 'Status')[0] === 'Enabled',
		below: all(rule, 'Prefix')[0],
		abortAfterDays: all(rule, 'DaysAfterInitiation').map(Number)[0],
		expireAfterDays: all(rule, 'Days').map(Number)[0],
	}));
const preflight = async (bucket: Bucket, origin: string, method: string, headers: string) =>
	(
		await fetch(`${r2.url}/live-${bucket}/o/s/a.jpg`, {
			method: 'OPTIONS',
			headers: {
				origin,
				'access-control-request-method': method,
				'access-control-request-headers': headers,
			},
		})
	).status;

test('every bucket is made, and says whom it speaks to and what goes by itself; once more changes nothing', async () => {
	const first = await prepare(['https://app.example/', 'https://www.app.example']);
	expect(first.stdout).toBe(buckets.map((bucket) => `live-${bucket}: ready\n`).join(''));
	const said = () =>
		Promise.all(buckets.flatMap((one) => [told(one, 'cors'), told(one, 'lifecycle')]));
	const before = await said();
	const store = r2ObjectStore({ endpoint: r2.url, bucketPrefix: 'live-', ...r2Credentials });
	await store.put('photos', 'o/s/a.jpg', new Uint8Array([1, 2, 3]), 'image/jpeg');
	await prepare(['https://app.example/', 'https://www.app.example']);
	expect(await said()).toEqual(before);
	expect(await store.read('photos', 'o/s/a.jpg')).toEqual(new Uint8Array([1, 2, 3]));
});

test.each(buckets)(
	'%s: an upload that was not finished goes after a day; archives after two',
	async (bucket) => {
		const unfinished = { id: 'abort-uploads', isOn: true, below: '', abortAfterDays: 1 };
		const expire = { id: 'expire', isOn: true, below: '', expireAfterDays: 2 };
		expect(await rules(bucket)).toEqual(
			bucket === 'datasets' ? [unfinished, expire] : [unfinished],
		);
	},
);

test.each(buckets)(
	'%s: our pages may read and send, others nothing, and ours nothing else',
	async (bucket) => {
		const cors = await told(bucket, 'cors');
		expect(all(cors, 'AllowedOrigin')).toEqual(['https://app.example', 'https://www.app.example']);
		expect(all(cors, 'AllowedMethod')).toEqual(['GET', 'PUT']);
		expect(all(cors, 'AllowedHeader')).toEqual(['content-type', 'if-none-match']);
		const sent = 'content-type,if-none-match';
		expect(await preflight(bucket, 'https://app.example', 'PUT', sent)).toBe(204);
		expect(await preflight(bucket, 'https://www.app.example', 'GET', '')).toBe(204);
		expect(await preflight(bucket, 'https://other.example', 'PUT', sent)).toBe(403);
		expect(await preflight(bucket, 'https://app.example', 'DELETE', '')).toBe(403);
		expect(await preflight(bucket, 'https://app.example', 'PUT', 'x-amz-acl')).toBe(403);
	},
);

const usage = /has to be r2, and each argument an origin/;
test.each([
	[
		'outside the jurisdiction of the EU',
		{ R2_ENDPOINT: 'https://account.r2.cloudflarestorage.com' },
		['https://app.example'],
		/no company that the privacy policy names/,
	],
	['where files do not lie at R2', { FILE_STORE: 'supabase' }, ['https://app.example'], usage],
	['without a page', {}, [], usage],
	['with what is no origin', {}, ['app.example'], usage],
] as const)('%s nothing is made, and it says why', async (_where, env, origins, why) => {
	const refused: unknown = await prepare([...origins], env).catch((error: unknown) => error);
	expect(z.object({ stderr: z.string() }).parse(refused).stderr).toMatch(why);
});
