import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { consentPurposes, consentWordings } from '#domain/consent.ts';
import { type Person, Project } from './project.ts';

let project: Project;
let owner: Person;
let stranger: Person;
let shoot: string;
/** A bucket of the tests' own: the service key writes, nobody else has a policy. */
const bucket = `conformance-${randomUUID()}`;
const jpeg = (bytes: number) => new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' });
const own = () => project.admin.storage.from(bucket);

beforeAll(async () => {
	project = await Project.open();
	owner = await project.person();
	stranger = await project.person();
	const { error } = await project.admin.storage.createBucket(bucket, {
		public: false,
		fileSizeLimit: 1000,
		allowedMimeTypes: ['image/jpeg', 'text/plain'],
	});
	if (error) throw error;
	shoot = await paidShoot(owner);
});
afterAll(async () => {
	await project.admin.storage.emptyBucket(bucket);
	await project.admin.storage.deleteBucket(bucket);
	await project.close();
});

const good = <T>(answer: { data: T; error: { message: string } | null }): NonNullable<T> => {
	if (answer.error) throw new Error(answer.error.message);
	if (answer.data === null || answer.data === undefined) throw new Error('there is no answer');
	return answer.data;
};

/** A shoot that photos may be added to, by the server's own functions. */
async function paidShoot({ id, client }: Person): Promise<string> {
	await client
		.from('consent_records')
		.insert(
			consentPurposes.map((purpose) => ({ purpose, version: consentWordings[purpose].version })),
		);
	const row = good(
		await client
			.from('shoots')
			.insert({ offer_id: 'essential', name: 'Files' })
			.select('id')
			.single<{ id: string }>(),
	);
	await client.from('shoot_styles').insert({ shoot_id: row.id, style_id: 'slate' });
	const service = project.admin.schema('service');
	const [order] = good(await service.rpc('open_order', { p_owner_id: id, p_shoot_id: row.id })) as {
		order_id: string;
		amount: number;
		currency: string;
	}[];
	if (!order) throw new Error('no order was opened');
	const session = `cs_test_${randomUUID()}`;
	await service.rpc('record_checkout_session', {
		p_order_id: order.order_id,
		p_session_id: session,
	});
	good(
		await service.rpc('settle_order', {
			p_session_id: session,
			p_order_id: order.order_id,
			p_session_status: 'complete',
			p_payment_status: 'paid',
			p_amount_subtotal: order.amount,
			p_amount_total: order.amount,
			p_currency: order.currency,
		}),
	);
	return row.id;
}

/** A row that names the key its file may have. */
async function photoRow(bytes: number): Promise<{ id: string; storage_key: string }> {
	return good(
		await owner.client
			.from('photos')
			.insert({
				shoot_id: shoot,
				sha256: randomUUID().replaceAll('-', '').repeat(2),
				content_type: 'image/jpeg',
				bytes,
				width: 100,
				height: 100,
				file_name: 'me.jpg',
			})
			.select('id, storage_key')
			.single<{ id: string; storage_key: string }>(),
	);
}

describe('uploads', () => {
	test('a signed address takes the file without a key, and once', async () => {
		const { storage_key: key } = await photoRow(500);
		const photos = owner.client.storage.from('photos');
		const { signedUrl, token } = good(await photos.createSignedUploadUrl(key));
		expect(new URL(signedUrl).origin).toBe(new URL(project.url).origin);
		const put = await fetch(signedUrl, {
			method: 'PUT',
			headers: { 'content-type': 'image/jpeg' },
			body: jpeg(500),
		});
		expect(put.status).toBe(200);
		const again = await project
			.visitor()
			.storage.from('photos')
			.uploadToSignedUrl(key, token, jpeg(500));
		expect(again.error).toMatchObject({ statusCode: '409' });
	});

	test('a signature is good for its own path only, and not when tampered with', async () => {
		const { storage_key: key } = await photoRow(501);
		const { storage_key: other } = await photoRow(502);
		const photos = owner.client.storage.from('photos');
		const { token } = good(await photos.createSignedUploadUrl(key));
		expect((await photos.uploadToSignedUrl(other, token, jpeg(502))).error).not.toBeNull();
		const tampered = `${token.slice(0, -4)}AAAA`;
		expect((await photos.uploadToSignedUrl(key, tampered, jpeg(501))).error).not.toBeNull();
		expect(good(await photos.list(`${owner.id}/${shoot}`)).map(({ name }) => name)).not.toContain(
			other.split('/').at(-1),
		);
	});

	test('without a policy that says yes nothing is signed and nothing is taken', async () => {
		const { storage_key: key } = await photoRow(503);
		for (const client of [stranger.client, project.visitor()]) {
			const photos = client.storage.from('photos');
			expect((await photos.createSignedUploadUrl(key)).error).not.toBeNull();
			expect((await photos.upload(key, jpeg(503))).error).not.toBeNull();
		}
		const photos = owner.client.storage.from('photos');
		const elsewhere = `${owner.id}/${shoot}/${randomUUID()}.jpg`;
		expect((await photos.createSignedUploadUrl(elsewhere)).error).toMatchObject({
			statusCode: '403',
		});
	});

	test('type and size are the bucket’s, whichever way the file comes', async () => {
		const wrong = new Blob(['GIF89a'], { type: 'image/gif' });
		const refusals = [
			{ key: 'a.gif', file: wrong, statusCode: '415' },
			{ key: 'b.jpg', file: jpeg(1001), statusCode: '413' },
		];
		for (const { key, file, statusCode } of refusals) {
			const direct = await own().upload(key, file);
			expect(direct.error).toMatchObject({ statusCode });
			const { token } = good(await own().createSignedUploadUrl(key));
			const signed = await own().uploadToSignedUrl(key, token, file);
			expect(signed.error).toMatchObject({ statusCode });
		}
		// Also of a body that is still on its way when it is refused, the sender hears why.
		for (const { type, statusCode } of [
			{ type: 'image/jpeg', statusCode: '413' },
			{ type: 'image/gif', statusCode: '415' },
		]) {
			const { signedUrl } = good(await own().createSignedUploadUrl('large.jpg'));
			const answer = await fetch(signedUrl, {
				method: 'PUT',
				headers: { 'content-type': type },
				body: new Uint8Array(6_000_000),
			});
			expect(answer.status).toBe(400);
			expect(await answer.json()).toMatchObject({ statusCode });
		}
		const stream = await own().upload('c.jpg', jpeg(1001).stream(), {
			contentType: 'image/jpeg',
			duplex: 'half',
		});
		expect(stream.error).not.toBeNull();
		expect(good(await own().list())).toEqual([]);
		expect((await own().upload('d.jpg', jpeg(1000))).error).toBeNull();
		await own().remove(['d.jpg']);
	});

	test('an upload replaces only when it says so', async () => {
		const first = new Blob(['one'], { type: 'text/plain' });
		const second = new Blob(['two'], { type: 'text/plain' });
		good(await own().upload('note.txt', first));
		expect((await own().upload('note.txt', second)).error).toMatchObject({ statusCode: '409' });
		good(await own().upload('note.txt', second, { upsert: true }));
		expect(await good(await own().download('note.txt')).text()).toBe('two');
		await own().remove(['note.txt']);
	});
});

describe('downloads', () => {
	test('a signed address gives the very bytes with their type, to anyone who has it', async () => {
		good(await own().upload('hello.txt', new Blob(['hello'], { type: 'text/plain' })));
		const { signedUrl } = good(await own().createSignedUrl('hello.txt', 60));
		const answer = await fetch(signedUrl);
		expect(answer.status).toBe(200);
		expect(answer.headers.get('content-type')).toContain('text/plain');
		expect(answer.headers.get('content-length')).toBe('5');
		expect(await answer.text()).toBe('hello');
		const { signedUrl: saved } = good(
			await own().createSignedUrl('hello.txt', 60, { download: 'portrait.txt' }),
		);
		expect((await fetch(saved)).headers.get('content-disposition')).toMatch(
			/^attachment; filename=portrait\.txt;/,
		);
	});

	test('its time runs out', async () => {
		good(await own().upload('brief.txt', new Blob(['brief'], { type: 'text/plain' })));
		const { signedUrl } = good(await own().createSignedUrl('brief.txt', 1));
		const answer = await vi.waitUntil(
			async () => {
				const got = await fetch(signedUrl);
				return got.ok ? got.body?.cancel().then(() => undefined) : got;
			},
			{ timeout: 10_000, interval: 200 },
		);
		expect(answer.status).toBe(400);
		expect(await answer.json()).toMatchObject({ error: 'InvalidJWT' });
	});

	test('many are signed at once, each with its own answer', async () => {
		good(await own().upload('many/1.txt', new Blob(['1'], { type: 'text/plain' })));
		good(await own().upload('many/2.txt', new Blob(['2'], { type: 'text/plain' })));
		const paths = ['many/2.txt', 'many/none.txt', 'many/1.txt'];
		const signed = good(await own().createSignedUrls(paths, 60));
		expect(signed.map(({ path }) => path)).toEqual(paths);
		expect(signed[1]).toMatchObject({ signedUrl: null, error: expect.any(String) });
		expect(await (await fetch(signed[0]?.signedUrl ?? '')).text()).toBe('2');
		expect(await (await fetch(signed[2]?.signedUrl ?? '')).text()).toBe('1');
	});

	test('a batch answers for a thousand paths of any folders, and says of each whether it is there', async () => {
		const there = ['far/one/a.txt', 'far/two/b.txt'];
		for (const key of there) good(await own().upload(key, new Blob([key], { type: 'text/plain' })));
		const paths = [...there, ...Array.from({ length: 998 }, (_, i) => `none-${i}/c.txt`)];
		const found = async () =>
			good(await own().createSignedUrls(paths, 1))
				.filter(({ error }) => error === null)
				.map(({ path }) => path);
		expect(good(await own().createSignedUrls(paths, 1))).toHaveLength(1000);
		expect(await found()).toEqual(there);
		good(await own().remove(there));
		expect(await found()).toEqual([]);
	});

	test('a browser on another origin may put and get by signed address', async () => {
		const { signedUrl } = good(await own().createSignedUploadUrl('cors.txt'));
		const preflight = await fetch(signedUrl, {
			method: 'OPTIONS',
			headers: {
				origin: 'https://app.example',
				'access-control-request-method': 'PUT',
				'access-control-request-headers': 'content-type,x-upsert,cache-control',
			},
		});
		expect(preflight.ok).toBe(true);
		expect(['*', 'https://app.example']).toContain(
			preflight.headers.get('access-control-allow-origin'),
		);
		expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT');
		for (const name of ['content-type', 'x-upsert', 'cache-control'])
			expect(preflight.headers.get('access-control-allow-headers')?.toLowerCase()).toContain(name);
	});

	test("another person's file is not downloaded, signed, listed, replaced or removed", async () => {
		const { storage_key: key } = await photoRow(510);
		const mine = owner.client.storage.from('photos');
		const { token } = good(await mine.createSignedUploadUrl(key));
		good(await mine.uploadToSignedUrl(key, token, jpeg(510)));
		for (const client of [stranger.client, project.visitor()]) {
			const theirs = client.storage.from('photos');
			expect((await theirs.download(key)).error).not.toBeNull();
			expect((await theirs.createSignedUrl(key, 60)).error).not.toBeNull();
			expect((await theirs.createSignedUrls([key], 60)).data?.[0]?.signedUrl ?? null).toBeNull();
			expect((await theirs.list(`${owner.id}/${shoot}`)).data ?? []).toEqual([]);
			expect((await theirs.upload(key, jpeg(1), { upsert: true })).error).not.toBeNull();
			expect((await theirs.remove([key])).data ?? []).toEqual([]);
		}
		expect((await fetch(`${project.url}/storage/v1/object/public/photos/${key}`)).ok).toBe(false);
		expect((await fetch(`${project.url}/storage/v1/object/photos/${key}`)).ok).toBe(false);
		// Not even their own file is removed or replaced by hand: there is no policy for it.
		expect((await mine.remove([key])).data ?? []).toEqual([]);
		expect((await mine.upload(key, jpeg(1), { upsert: true })).error).not.toBeNull();
		expect(good(await mine.download(key)).size).toBe(510);
	});
});

describe('folders', () => {
	beforeAll(async () => {
		for (const key of ['box/a.txt', 'box/b.txt', 'box/in/c.txt', 'box/in/d.txt', 'boxes/e.txt'])
			good(await own().upload(key, new Blob([key], { type: 'text/plain' })));
	});

	test('a listing shows one level: names are relative, folders are rows without id', async () => {
		const rows = good(await own().list('box'));
		expect(rows.map(({ name, id }) => ({ name, isFolder: id === null }))).toEqual([
			{ name: 'in', isFolder: true },
			{ name: 'a.txt', isFolder: false },
			{ name: 'b.txt', isFolder: false },
		]);
		expect(rows[1]?.metadata).toMatchObject({ size: 9, mimetype: 'text/plain' });
		expect(good(await own().list('box/in')).map(({ name }) => name)).toEqual(['c.txt', 'd.txt']);
		expect(good(await own().list('nowhere'))).toEqual([]);
	});

	test('a listing goes page by page, in the order asked for, and finds by the beginning of a name', async () => {
		const names = async (options: Parameters<ReturnType<typeof own>['list']>[1]) =>
			good(await own().list('box', options)).map(({ name }) => name);
		const sortBy = { column: 'name', order: 'asc' };
		expect(await names({ limit: 2, offset: 0, sortBy })).toEqual(['in', 'a.txt']);
		expect(await names({ limit: 2, offset: 2, sortBy })).toEqual(['b.txt']);
		expect(await names({ search: 'b' })).toEqual(['b.txt']);
	});

	test('removing takes a thousand paths at once, tells which were there, and refuses one more', async () => {
		const there = ['box/a.txt', 'box/in/c.txt'];
		const paths = [...there, ...Array.from({ length: 998 }, (_, i) => `box/none-${i}.txt`)];
		const removed = good(await own().remove(paths));
		expect(removed.map(({ name }) => name).sort()).toEqual(there);
		expect(good(await own().list('box')).map(({ name }) => name)).toEqual(['in', 'b.txt']);
		const tooMany = await own().remove([...paths, 'box/b.txt']);
		expect(tooMany.error).not.toBeNull();
		expect(good(await own().list('box')).map(({ name }) => name)).toEqual(['in', 'b.txt']);
	});
});
