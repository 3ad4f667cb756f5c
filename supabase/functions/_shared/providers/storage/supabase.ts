import { createClient } from '@supabase/supabase-js';
import type {
	Bucket,
	FileStores,
	ListedObject,
	ObjectHead,
	ObjectStore,
} from '../../domain/object-store.ts';
import { whole } from '../../domain/bytes.ts';
import { counted } from './counted.ts';
import { listed, signedBatch } from './supabase-shapes.ts';

/** Seconds for one call, the largest upload included. */
const callTimeout = 120;
/** Keys that Storage takes, and rows that it lists, in one call. */
const callLimit = 1000;
/** A hosted project lets a signed upload live this long, and no other. Seconds. */
const uploadUrlLife = 2 * 3600;

export function supabaseObjectStore(config: FileStores['supabase']): ObjectStore {
	const { storage } = createClient(config.url, config.serviceKey, {
		auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
		global: {
			fetch: (input, init) =>
				fetch(input, { ...init, signal: AbortSignal.timeout(callTimeout * 1000) }),
		},
	});

	/** One level of a folder; names are relative, folders have no size. */
	const level = async (bucket: Bucket, folder: string, offset: number, search?: string) => {
		const answer = await storage.from(bucket).list(folder, {
			limit: callLimit,
			offset,
			sortBy: { column: 'name', order: 'asc' },
			...(search === undefined ? {} : { search }),
		});
		if (answer.error) throw failure('list', bucket, answer.error);
		return listed.parse(answer.data);
	};

	const head = async (bucket: Bucket, key: string): Promise<ObjectHead | null> => {
		const { folder, name } = split(key);
		const row = (await level(bucket, folder, 0, name)).find((one) => one.name === name);
		if (!row?.metadata) return null;
		const { size: bytes, mimetype: contentType = 'application/octet-stream' } = row.metadata;
		return { bytes, contentType, sha256: null };
	};

	/**
	 * A batch of addresses is asked for and thrown away: of all calls only this one answers for a thousand
	 * keys of any folders, each with an error of its own when its object is not there.
	 */
	const remaining = async (bucket: Bucket, keys: readonly string[]): Promise<number> => {
		const answer = await storage.from(bucket).createSignedUrls([...keys], 1);
		if (answer.error) throw failure('look for', bucket, answer.error);
		const signed = signedBatch.parse(answer.data);
		const answered = new Set(signed.map(({ path }) => path));
		if (!keys.every((key) => answered.has(key)))
			throw new Error(`storage: no answer for some of ${keys.length} objects in ${bucket}`);
		return signed.filter(({ error }) => error === null).length;
	};

	/** Folder by folder, since Storage shows one level at a time, each in the order of its names. */
	async function* list(bucket: Bucket, folder: string, after = ''): AsyncGenerator<ListedObject[]> {
		const folders = [folder];
		for (let next = folders.shift(); next !== undefined; next = folders.shift()) {
			const at = next === '' ? '' : `${next}/`;
			const below: string[] = [];
			for (let offset = 0; ; offset += callLimit) {
				const rows = await level(bucket, next, offset);
				const files = rows.filter(({ id, name }) => id !== null && at + name > after);
				const inside = rows.filter(({ id }) => id === null).map(({ name }) => at + name);
				// Of a folder that lies before the key nothing is behind it.
				below.push(...inside.filter((path) => `${path}/` >= after.slice(0, path.length + 1)));
				if (files.length > 0)
					yield files.map(({ name, metadata, updated_at }) => ({
						key: at + name,
						bytes: metadata?.size ?? 0,
						changedAt: new Date(updated_at ?? 0),
					}));
				if (rows.length < callLimit) break;
			}
			folders.unshift(...below);
		}
	}

	/** The same address at the origin that others reach. */
	const reached = (url: string) => {
		const { pathname, search } = new URL(url);
		return `${config.publicUrl}${pathname}${search}`;
	};

	return {
		isGuarded: true,
		head,
		list,

		async put(bucket, key, body, contentType) {
			const { content, written } = counted(body);
			const { error } = await storage
				.from(bucket)
				.upload(key, content, { contentType, upsert: true, cacheControl: '3600' });
			if (error) throw failure('put', bucket, error);
			const object = written();
			// Bytes of a length said beforehand arrive whole or not at all; a stream may end early.
			if (body instanceof Uint8Array) return object;
			const kept = await head(bucket, key);
			if (kept?.bytes !== object.bytes)
				throw new Error(`storage: ${kept?.bytes} of ${object.bytes} bytes were kept in ${bucket}`);
			return object;
		},

		async putOnce(bucket, key, body, contentType) {
			const { error } = await storage
				.from(bucket)
				.upload(key, body, { contentType, upsert: false, cacheControl: '3600' });
			if (!error) return counted(body).written();
			if ((await head(bucket, key)) === null) throw failure('put', bucket, error);
			return counted(await this.read(bucket, key)).written();
		},

		async read(bucket, key) {
			return whole(await this.stream(bucket, key));
		},

		async stream(bucket, key) {
			const { data, error } = await storage.from(bucket).download(key).asStream();
			if (error) throw failure('read', bucket, error);
			return data;
		},

		async copy(bucket, from, to) {
			const files = storage.from(bucket);
			// Storage copies over nothing.
			const cleared = await files.remove((await head(bucket, from)) === null ? [] : [to]);
			const { error } = cleared.error ? cleared : await files.copy(from, to);
			if (error) throw failure('copy', bucket, error);
		},

		async readUrl(bucket, key, expiresInSeconds, fileName) {
			const { data, error } = await storage
				.from(bucket)
				.createSignedUrl(key, expiresInSeconds, fileName ? { download: fileName } : {});
			if (error) throw failure('sign', bucket, error);
			return reached(data.signedUrl);
		},

		async readUrls(bucket, keys, expiresInSeconds) {
			const urls: (string | null)[] = [];
			for (let from = 0; from < keys.length; from += callLimit) {
				const some = keys.slice(from, from + callLimit);
				const { data, error } = await storage.from(bucket).createSignedUrls(some, expiresInSeconds);
				if (error) throw failure('sign', bucket, error);
				const found = new Map(data.map(({ path, signedUrl }) => [path, signedUrl]));
				for (const key of some) {
					const url = found.get(key);
					urls.push(url ? reached(url) : null);
				}
			}
			return urls;
		},

		async writeUrl(bucket, key, { contentType }) {
			const { data, error } = await storage.from(bucket).createSignedUploadUrl(key);
			if (error) throw failure('sign', bucket, error);
			return {
				url: reached(data.signedUrl),
				headers: { 'content-type': contentType },
				expiresAt: new Date(Date.now() + uploadUrlLife * 1000),
			};
		},

		async remove(bucket, keys) {
			let left = 0;
			for (let from = 0; from < keys.length; from += callLimit) {
				const some = keys.slice(from, from + callLimit);
				const { error } = await storage.from(bucket).remove(some);
				if (error) throw failure('remove', bucket, error);
				left += await remaining(bucket, some);
			}
			if (left > 0)
				throw new Error(`storage: ${left} of ${keys.length} objects are still in ${bucket}`);
		},
	};
}

function split(key: string): { folder: string; name: string } {
	const slash = key.lastIndexOf('/');
	return { folder: key.slice(0, Math.max(slash, 0)), name: key.slice(slash + 1) };
}

/** Keys name people's folders and stay out of messages. */
function failure(verb: string, bucket: string, error: Error): Error {
	return new Error(`storage: ${verb} in ${bucket}: ${error.message}`, { cause: error });
}
