/** Photos on their way: by the policies of storage, or by an address of R2 that is good for a minute. */
import { createHash } from 'node:crypto';
import { photoCounts } from '#domain/engine.ts';
import type { UploadUrl } from '#domain/object-store.ts';
import type { OwnPhoto, OwnRows } from '#domain/own-rows.ts';
import { Refusal } from '#domain/refusal.ts';
import { confirmUpload, openUpload } from '#flow/files.ts';
import { as, insist, type Person } from './people.ts';
import { photo, photoSide } from './pictures.ts';
import type { World } from './world.ts';

type Announced = { id: string; file: Uint8Array; own: OwnRows; key: string };

export async function addPhotos(world: World, person: Person, more = 0): Promise<void> {
	const announced = await announce(world, person, photoCounts[person.engine].min + more);
	if (world.objects.isGuarded)
		await world.act('uploads', () =>
			world.objects.upload(
				person.id,
				announced.map(({ key, file }) => ({ key, bytes: file })),
			),
		);
	for (const one of announced) {
		if (!world.objects.isGuarded && !(await sends(world, person, one))) continue;
		await insist(world, 'confirm-upload', (deps) =>
			confirmUpload(deps, one.own, person.id, one.id),
		);
	}
	const [first] = announced;
	if (first && world.objects.isGuarded && world.weather.strikes('F-40'))
		await trespass(world, person, first);
}

async function announce(world: World, person: Person, count: number): Promise<Announced[]> {
	const files = Array.from({ length: count }, () => photo(++world.photos));
	const byHash = new Map(
		files.map((file) => [createHash('sha256').update(file).digest('hex'), file]),
	);
	const asked = [...byHash].map(([sha256, { length }]) => ({ sha256, bytes: length }));
	const rows = await as(
		world,
		person.id,
		'adds photos',
		`insert into public.photos (shoot_id, sha256, content_type, bytes, width, height)
		select $1, p.sha256, 'image/jpeg', p.bytes, $3::int, $3::int
		from jsonb_to_recordset($2::text::jsonb) as p (sha256 text, bytes integer)
		returning id, storage_key as key, sha256`,
		[person.shootId, JSON.stringify(asked), photoSide],
	);
	return rows.map((row) => {
		const file = byHash.get(String(row['sha256'])) ?? new Uint8Array();
		const known: OwnPhoto = {
			storageKey: String(row['key']),
			contentType: 'image/jpeg',
			bytes: file.length,
			sha256: String(row['sha256']),
			isUploaded: false,
		};
		const own: OwnRows = { photo: async () => known, files: async () => [] };
		return { id: String(row['id']), key: known.storageKey, file, own };
	});
}

/** Asks for an address, and sends the file there. False: it was refused. */
async function sends(world: World, person: Person, { id, own, file }: Announced): Promise<boolean> {
	const { objects, random, weather } = world;
	for (let time = 0; time < 3; time++) {
		const place = await insist(world, 'open-upload', (deps) =>
			openUpload(deps, own, person.id, id),
		);
		if (place instanceof Refusal) return false;
		// It is here already.
		if (place === null) return true;
		await world.sleep(random.between(200, 5000));
		const isTaken = await world.act('sends a photo', async () => objects.arrive(place, file));
		if (weather.strikes('F-40')) later(world, place);
		if (isTaken) return true;
	}
	return true;
}

/** Sent once more by the same address, at its last moment: whatever has become of the photo. */
const later = (world: World, place: Pick<UploadUrl, 'url'>) =>
	world.schedule.after(
		Number(new URL(place.url).searchParams.get('until')) - world.schedule.now,
		'a photo is sent once more',
		() => void world.objects.arrive(place, photo(++world.photos)),
	);

/** Somebody else sends a file to this one's place. */
async function trespass(world: World, person: Person, { key }: Announced): Promise<void> {
	const other = [...world.people.keys()].find((id) => id !== person.id);
	if (other === undefined) return;
	await world
		.act('somebody else uploads', () =>
			world.objects.upload(other, [{ key: `${key}.jpg`, bytes: photo(++world.photos) }]),
		)
		.then(
			() => world.violations.push({ invariant: 'I13', detail: "uploads to another's place" }),
			() => undefined,
		);
}
