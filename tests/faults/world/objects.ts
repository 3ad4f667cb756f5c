/**
 * The object store: files in memory. Supabase's knows the rows of `storage.objects` that our SQL reads and guards;
 * R2 has no rows, and takes what comes by an address that it gave out, whatever has become of the photo.
 */
import { createHash } from 'node:crypto';
import type { FileStore, ObjectStore, UploadUrl } from '#domain/object-store.ts';
import type { FaultDatabase } from '../database.ts';
import { bytesOf } from './pictures.ts';
import type { Weather } from './weather.ts';

export type File = { bytes: Uint8Array; sha256: string; at: number };

export type Objects = ObjectStore & {
	/** By `<bucket>/<key>`. */
	files: Map<string, File>;
	/** Whose file these bytes are, or were. */
	ownerOf(bytes: Uint8Array): string | null;
	/** An upload of a person's own, under the policies of storage. */
	upload(ownerId: string, files: readonly { key: string; bytes: Uint8Array }[]): Promise<void>;
	/** What is sent to an address for an upload. False: it was refused. */
	arrive(address: Pick<UploadUrl, 'url'>, bytes: Uint8Array): boolean;
};

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** A Blob's would wait for more than promises. */
const streamOf = (bytes: Uint8Array) =>
	new ReadableStream<Uint8Array>({
		start(controller) {
			controller.enqueue(bytes);
			controller.close();
		},
	});
/** As our provider signs them. */
const addressLife = 60_000;

export function objectsOf(db: FaultDatabase, weather: Weather, store: FileStore): Objects {
	const isGuarded = store === 'supabase';
	const files = new Map<string, File>();
	const owners = new Map<string, string>();
	/** A copy: what was sent is the sender's, who gives its memory back. */
	const keep = (path: string, sent: Uint8Array) => {
		const bytes = sent.slice();
		const file = { bytes, sha256: sha256(bytes), at: weather.now() };
		files.set(path, file);
		owners.set(file.sha256, path.split('/')[1] ?? '');
	};
	const insert = `
		insert into storage.objects (bucket_id, name, metadata)
		select $1, o.name, jsonb_build_object('size', o.size, 'mimetype', 'image/jpeg')
		from jsonb_to_recordset($2::text::jsonb) as o (name text, size integer)`;
	const upsert = `${insert} on conflict (bucket_id, name) do update set metadata = excluded.metadata`;
	const forget = async (bucket: string, keys: readonly string[]) => {
		if (isGuarded)
			await db.raw('select sim.remove_objects($1, $2::text::jsonb)', [
				bucket,
				JSON.stringify(keys),
			]);
		for (const key of keys) files.delete(`${bucket}/${key}`);
	};
	const bytesAt = (bucket: string, key: string): Uint8Array => {
		const file = files.get(`${bucket}/${key}`);
		if (!file) throw new Error(`storage: read in ${bucket}: not found`);
		return file.bytes;
	};
	const has = (bucket: string, key: string) => files.has(`${bucket}/${key}`);

	return {
		files,
		ownerOf: (bytes) => owners.get(sha256(bytes)) ?? null,
		async upload(ownerId, some) {
			await db.asPerson(ownerId, insert, [
				'photos',
				JSON.stringify(some.map(({ key, bytes }) => ({ name: key, size: bytes.length }))),
			]);
			for (const { key, bytes } of some) keep(`photos/${key}`, bytes);
		},
		async put(bucket, key, body) {
			const bytes = await bytesOf(body);
			if (weather.strikes('F-26')) throw new Error('storage: put: 500');
			const rows = JSON.stringify([{ name: key, size: bytes.length }]);
			if (isGuarded) await db.raw(upsert, [bucket, rows]);
			keep(`${bucket}/${key}`, bytes);
			return { bytes: bytes.length, sha256: sha256(bytes) };
		},
		async putOnce(bucket, key, body, type) {
			const file = files.get(`${bucket}/${key}`);
			return file
				? { bytes: file.bytes.length, sha256: file.sha256 }
				: this.put(bucket, key, body, type);
		},
		isGuarded,
		async head(bucket, key) {
			const file = files.get(`${bucket}/${key}`);
			return file
				? { bytes: file.bytes.length, contentType: 'image/jpeg', sha256: file.sha256 }
				: null;
		},
		read: async (bucket, key) => bytesAt(bucket, key).slice(),
		stream: async (bucket, key) => streamOf(bytesAt(bucket, key).slice()),
		async readUrl(bucket, key) {
			if (!has(bucket, key)) throw new Error(`storage: sign in ${bucket}: not found`);
			return `https://storage.test/${bucket}/${key}?token=${weather.random.hex(8)}`;
		},
		readUrls: async (bucket, keys) =>
			keys.map((key) =>
				has(bucket, key) ? `https://storage.test/${bucket}/${key}?token=x` : null,
			),
		async *list(bucket, folder, after = '') {
			const start = folder === '' ? `${bucket}/` : `${bucket}/${folder}/`;
			yield [...files]
				.filter(([path]) => path.startsWith(start))
				.map(([path, { bytes, at }]) => ({
					key: path.slice(bucket.length + 1),
					bytes: bytes.length,
					changedAt: new Date(at),
				}))
				.filter(({ key }) => key > after)
				.toSorted((one, other) => (one.key < other.key ? -1 : 1));
		},
		async copy(bucket, from, to) {
			await this.put(bucket, to, bytesAt(bucket, from), 'image/jpeg');
		},
		async writeUrl(bucket, key) {
			const until = weather.now() + addressLife;
			const url = `https://storage.test/${bucket}/${key}?until=${until}`;
			return { url, headers: { 'if-none-match': '*' }, expiresAt: new Date(until) };
		},
		arrive({ url }, bytes) {
			const { pathname, searchParams } = new URL(url);
			const path = pathname.slice(1);
			if (weather.now() > Number(searchParams.get('until')) || files.has(path)) return false;
			keep(path, bytes);
			return true;
		},
		async remove(bucket, keys) {
			const some = weather.strikes('F-27') ? keys.slice(0, keys.length >> 1) : keys;
			await forget(bucket, some);
			const left = keys.filter((key) => has(bucket, key));
			if (left.length > 0)
				throw new Error(`storage: ${left.length} of ${keys.length} are still there`);
		},
	};
}
