/** A living system changes its store, there and back: nothing is lost, nothing comes back, nobody waits. */
import { createHash, randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { buckets, type FileStore, keysBelow } from '#domain/object-store.ts';
import { type Stack, startStack } from '../sandbox/stack.ts';
import { nameR2, storeOf } from './files.ts';
import { aPaidShoot, control, preparedPhoto, press, quiet, ring, upload } from './world.ts';

vi.setConfig({ testTimeout: 600_000 });
const root = join(import.meta.dirname, '../..');
const base = Number(process.env['FLOW_BASE'] ?? 22320);
let stack: Stack;

/** The functions with other settings; everything else as it was. */
async function deploy(FILE_STORE: FileStore, FILE_STORE_BEFORE?: FileStore, fresh = false) {
	await stack?.stop();
	const moving = FILE_STORE_BEFORE === undefined ? {} : { FILE_STORE_BEFORE };
	const functionsEnv = { FILE_STORE, ...moving };
	stack = await startStack({
		functionsEnv,
		base,
		fresh,
		beforeProfile: nameR2,
		web: 'none',
		cron: false,
	});
}
beforeAll(() => deploy('supabase', undefined, true));
afterAll(() => stack.stop());

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Every file of a store with its hash, by `<bucket>/<key>`. */
async function everything(name: FileStore): Promise<Record<string, string>> {
	const store = storeOf(stack, name);
	const found: [string, string][] = [];
	for (const bucket of buckets)
		for (const key of await keysBelow(store, bucket, ''))
			found.push([`${bucket}/${key}`, sha256(await store.read(bucket, key))]);
	return Object.fromEntries(found);
}

/** The script, as the operator runs it; `isEnough` kills it there and then. */
function move(args: string[] = [], isEnough?: () => Promise<boolean>) {
	const child = spawn(process.execPath, [join(root, 'supabase/files/move.ts'), ...args], {
		env: { ...stack.env, PATH: process.env['PATH'] },
	});
	let said = '';
	for (const stream of [child.stdout, child.stderr])
		stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
	const watch = async () => {
		while (child.exitCode === null && child.signalCode === null) {
			if (await isEnough?.()) child.kill('SIGKILL');
			await new Promise((done) => setTimeout(done, 20));
		}
	};
	return new Promise<{ code: number | null; said: string }>((resolve, reject) => {
		child.once('error', reject);
		child.once('close', (code) => resolve({ code, said }));
		if (isEnough) void watch();
	});
}

const signed = z.object({ files: z.array(z.object({ id: z.string(), url: z.url() })) });

test('files move from Supabase to R2 and back, killed in between, readable all the while', async () => {
	const { person, shootId } = await aPaidShoot(stack);
	const photos: { id: string; hash: string }[] = [];
	const add = async (index: number) => {
		const bytes = await preparedPhoto(index);
		const { id } = await upload(person, shootId, bytes);
		photos.push({ id, hash: sha256(bytes) });
	};
	for (const index of [1, 2, 3, 4]) await add(index);
	const more = storeOf(stack, 'supabase');
	const at = `${person.id}/${shootId}`;
	await more.put(
		'loras',
		`${at}/model.safetensors`,
		randomBytes(20_000_000),
		'application/octet-stream',
	);
	for (let index = 0; index < 40; index++)
		await more.put('headshots', `${at}/${index}.jpg`, randomBytes(50_000), 'image/jpeg');
	await more.put(
		'tombstones',
		`account/${'0'.repeat(64)}.json`,
		randomBytes(20),
		'application/json',
	);

	/** What the person sees of their photos, read to the last byte. */
	const seen = async () => {
		const asked = { what: 'photo', shoot_id: shootId };
		const { files } = signed.parse((await press(stack, person, 'sign-files', asked)).body);
		return Object.fromEntries(
			await Promise.all(
				files.map(async ({ id, url }) => {
					const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
					return [id, sha256(bytes)] as const;
				}),
			),
		);
	};
	const wanted = () => Object.fromEntries(photos.map(({ id, hash }) => [id, hash]));
	const discard = async () => {
		const gone = photos.shift();
		await person.client.from('photos').update({ deleted_at: '2026-01-01' }).eq('id', gone?.id);
		await ring(stack, 'run-jobs');
		await quiet(stack);
	};

	const before = await everything('supabase');
	expect(Object.keys(before)).toHaveLength(46);

	const change = async (from: FileStore, to: FileStore, index: number) => {
		await deploy(to, from);
		// Everything is still where it was, and everything can be read.
		expect(await seen()).toEqual(wanted());
		await add(index);
		await discard();
		expect(await seen()).toEqual(wanted());

		await control(stack.urls.r2, 'scenario', { delayMs: 40 });
		const killed = await move([], async () => Object.keys(await names(to)).length >= 4);
		expect(killed.code).toBe(null);
		const halfway = Object.keys(await names(to)).length;
		expect(halfway).toBeLessThan(45);
		await control(stack.urls.r2, 'reset');
		expect(await seen()).toEqual(wanted());
		await add(index + 1);
		await discard();

		const moved = await move();
		expect(moved).toMatchObject({ code: 0 });
		const there = await everything(to);
		const here = await everything(from);
		expect(there).toMatchObject(here);
		expect(Object.keys(there)).toHaveLength(46);
		expect(await move()).toMatchObject({ code: 0, said: expect.stringContaining(' 0 copied') });

		expect(await move(['--forget'])).toMatchObject({ code: 0 });
		expect(await everything(from)).toEqual({});
		expect(await everything(to)).toEqual(there);
		await deploy(to);
		expect(await seen()).toEqual(wanted());
		return there;
	};
	const names = async (name: FileStore) => {
		const keys: Record<string, true> = {};
		for (const bucket of buckets)
			for (const key of await keysBelow(storeOf(stack, name), bucket, ''))
				keys[bucket + key] = true;
		return keys;
	};

	const atR2 = await change('supabase', 'r2', 5);
	const back = await change('r2', 'supabase', 7);
	const kept = (files: Record<string, string>) =>
		Object.fromEntries(Object.entries(files).filter(([name]) => !name.startsWith('photos/')));
	expect(kept(atR2)).toEqual(kept(before));
	expect(kept(back)).toEqual(kept(before));
});

test('a file that is not the same in both is touched in neither, and the operator is told', async () => {
	await deploy('r2', 'supabase');
	const key = 'o/s/x.jpg';
	await storeOf(stack, 'supabase').put('headshots', key, randomBytes(10), 'image/jpeg');
	await storeOf(stack, 'r2').put('headshots', key, randomBytes(11), 'image/jpeg');
	const before = [await everything('supabase'), await everything('r2')];
	for (const args of [[], ['--forget']]) {
		const { code, said } = await move(args);
		expect(code).toBe(1);
		expect(said).toContain('not the same in both: x.jpg');
		expect(said).not.toContain('o/s');
	}
	const [atSupabase, atR2] = [await everything('supabase'), await everything('r2')];
	expect(atSupabase[`headshots/${key}`]).toBe(before[0]?.[`headshots/${key}`]);
	expect(atR2[`headshots/${key}`]).toBe(before[1]?.[`headshots/${key}`]);
	const alone = await startAlone();
	expect(alone.code).toBe(2);
});

/** Without a store to move from. */
async function startAlone() {
	const kept = stack.env['FILE_STORE_BEFORE'];
	delete stack.env['FILE_STORE_BEFORE'];
	const answer = await move();
	if (kept) stack.env['FILE_STORE_BEFORE'] = kept;
	return answer;
}
