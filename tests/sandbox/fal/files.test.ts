import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { adminKey, asked, done, generator, pictures, openBench } from './harness.ts';

let bench: Awaited<ReturnType<typeof openBench>>;
beforeAll(async () => {
	bench = await openBench();
});
afterAll(() => bench.stop());
afterEach(() => bench.reset());

const lifecycle = (preference: object) => ({
	'X-Fal-Object-Lifecycle-Preference': JSON.stringify(preference),
});
const firstUrl = async (headers: object) =>
	pictures.parse(await (await bench.run(generator, bench.portrait(), headers)).json()).images[0]
		?.url ?? '';

test('a file is public for ever unless told otherwise, and gone when its time is over', async () => {
	const brief = await firstUrl(lifecycle({ expiration_duration_seconds: 3600 }));
	const lasting = await firstUrl(lifecycle({ expiration_duration_seconds: 0 }));
	expect((await fetch(brief)).status).toBe(200);
	await bench.post('/__control/settings', { clockAheadSeconds: 3601 });
	expect((await fetch(brief)).status).toBe(404);
	expect((await fetch(lasting)).status).toBe(200);
});

test.each([
	['forbid', 403],
	['hide', 404],
])(
	'%s keeps strangers out, and the account in by token or signed address',
	async (access, status) => {
		const url = await firstUrl(lifecycle({ initial_acl: { default: access } }));
		expect((await fetch(url)).status).toBe(status);
		const token = await asked(`${bench.fal.url}/storage/auth/token?storage_type=fal-cdn-v3`, {
			method: 'POST',
		});
		const issued = z.object({ token: z.string() }).parse(await token.json());
		const opened = await fetch(url, { headers: { authorization: `Bearer ${issued.token}` } });
		expect(opened.status).toBe(200);
		const signing = await asked(
			`${bench.fal.url}/v1/storage/files/sign?url=${encodeURIComponent(url)}`,
			{
				method: 'POST',
				body: JSON.stringify({ expiration_seconds: 60 }),
			},
		);
		const { signed_url } = z.object({ signed_url: z.string() }).parse(await signing.json());
		expect((await fetch(signed_url)).status).toBe(200);
		await bench.post('/__control/settings', { clockAheadSeconds: 61 });
		expect((await fetch(signed_url)).status).toBe(status);
	},
);

test('only an admin key deletes payloads, and their files go with them', async () => {
	const request = await bench.submit(generator, bench.portrait());
	await done(request);
	const { images } = pictures.parse(await (await asked(request.response_url)).json());
	const url = `${bench.fal.url}/v1/models/requests/${request.request_id}/payloads`;
	const refused = await asked(url, { method: 'DELETE' });
	expect([refused.status, await refused.json()]).toEqual([
		403,
		{ error: { type: 'authorization_error', message: expect.any(String) } },
	]);
	expect((await fetch(images[0]?.url ?? '')).status).toBe(200);
	const deleted = await asked(url, { method: 'DELETE' }, adminKey);
	expect([deleted.status, await deleted.json()]).toEqual([
		200,
		{ cdn_delete_results: [{ link: images[0]?.url, exception: null }] },
	]);
	expect((await fetch(images[0]?.url ?? '')).status).toBe(404);
	expect((await asked(request.response_url)).status).toBe(404);
	const again = await asked(url, { method: 'DELETE' }, adminKey);
	expect(await again.json()).toEqual({ cdn_delete_results: [] });
	const unknown = await asked(
		url.replace(request.request_id, 'none'),
		{ method: 'DELETE' },
		adminKey,
	);
	expect(unknown.status).toBe(404);
});
