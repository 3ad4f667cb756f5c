import { readFileSync, globSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import {
	aPaidShoot,
	aPerson,
	agree,
	draft,
	engineOf,
	preparedPhoto,
	startShoot,
	upload,
	uploadMany,
} from '../flow/world.ts';
import { bareAddresses, photosOf, theStack } from './world.ts';

const stack = theStack();

test('P-36 · Nobody uploads a photo who has not said to be 18 or older', async () => {
	const person = await aPerson(stack);
	await agree(person, engineOf(stack));
	const shoot = await draft(person, 'essential', ['slate'], engineOf(stack));
	await stack.sql`update public.shoots set status = 'paid' where id = ${shoot}`;
	const photo = {
		shoot_id: shoot,
		sha256: 'a'.repeat(64),
		content_type: 'image/jpeg',
		bytes: 1000,
		width: 640,
		height: 640,
	};
	await stack.sql`
		update public.consent_records set withdrawn_at = now()
		where owner_id = ${person.id} and purpose = 'adult'`;
	const refused = await person.client.from('photos').insert(photo);
	expect(refused.status).toBe(403);
	expect(refused.error?.details).toBe('consent_missing');
	expect(await stack.sql`select from public.photos where owner_id = ${person.id}`).toHaveLength(0);

	// With the statement, and nothing else changed, it goes.
	await person.client.from('consent_records').insert({ purpose: 'adult', version: '2026-11-01' });
	expect((await person.client.from('photos').insert(photo)).status).toBe(201);
});

const root = join(import.meta.dirname, '../..');

test('P-03 · A photo is private, serves one shoot, and says nothing of where it was taken', async () => {
	const { person, shootId } = await aPaidShoot(stack);
	const withPlace = await sharp(await preparedPhoto(11))
		.withExif({ IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '47/1 22/1 0/1' } })
		.jpeg()
		.toBuffer();
	expect((await sharp(withPlace).metadata()).exif).toBeDefined();
	const placed = await upload(person, shootId, new Uint8Array(withPlace));
	const [{ key } = { key: '' }] = await uploadMany(person, shootId, photosOf(stack));
	const answer = await startShoot(stack, person, shootId);
	// The one with a place is refused and taken out; nothing is made of it.
	expect(answer.status).toBe(422);
	const gone =
		await stack.sql`select from public.photos where id = ${placed.id} and deleted_at is null`;
	expect(gone).toHaveLength(0);

	const stranger = await aPerson(stack);
	for (const path of bareAddresses(stack, 'photos', key))
		for (const token of [stranger.token, null])
			for (const method of ['GET', 'HEAD']) {
				const headers = {
					apikey: stack.keys.publishable,
					...(token === null ? {} : { authorization: `Bearer ${token}` }),
				};
				const response = await fetch(path, { method, headers });
				expect(response.status, `${method} ${path}`).toBeGreaterThanOrEqual(400);
			}
	const listed = await stranger.client.storage.from('photos').list(`${person.id}/${shootId}`);
	expect(listed.data ?? []).toEqual([]);
});

test('P-07 · Nothing here measures or recognises a face: no package, no column, and no request could carry it', async () => {
	const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
	const packages = [...lock.matchAll(/"node_modules\/([^"]+)"/g)].map(([, name]) => name ?? '');
	expect(packages.length).toBeGreaterThan(200);
	const measuring =
		/face-?api|face-?mesh|face-?recognition|faceapi|mediapipe|blazeface|arcface|insightface|rekognition|tensorflow|onnxruntime|opencv|dlib/i;
	expect(packages.filter((name) => measuring.test(name))).toEqual([]);
	const columns = await stack.sql`
		select table_name, column_name from information_schema.columns
		where table_schema in ('public', 'private')
			and (column_name ~* '(embedding|descriptor|landmark|biometric|likeness|face_?(id|vector|template))'
				or udt_name in ('vector', 'cube'))`;
	expect([...columns]).toEqual([]);
	const sent = globSync(['src/lib/state/*.ts', 'src/lib/photo-prep/*.ts'], { cwd: root }).filter(
		(file) => /landmark|embedding|FaceDetector/.test(readFileSync(join(root, file), 'utf8')),
	);
	expect(sent).toEqual([]);
});
