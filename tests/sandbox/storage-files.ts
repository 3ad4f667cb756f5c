/** Where lite keeps the bytes of storage objects: streamed to and from files, never held in memory. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { App } from '@supabase/lite';
import type { Sql } from 'postgres';
import { z } from 'zod';

type StorageAdapter = NonNullable<App['_storageAdapter']>;
type Metadata = Awaited<ReturnType<StorageAdapter['headObject']>>;

/** The upload under way: set when more bytes come than the bucket takes, whatever the request announced. */
export const uploads = new AsyncLocalStorage<{ isTooLarge: boolean }>();

const stored = z.object({
	mimetype: z.string().default('application/octet-stream'),
	cacheControl: z.string().default('no-cache'),
	eTag: z.string().default(''),
});

export function storageFiles(folder: string, sql: Sql): StorageAdapter {
	// Keys are not file names: they may be long, and one may be the folder of another.
	const fileOf = (bucket: string, key: string) =>
		join(folder, bucket, createHash('sha256').update(key).digest('hex'));

	const metadataOf = async (bucket: string, key: string): Promise<Metadata> => {
		const file = await stat(fileOf(bucket, key));
		const [row] = await sql<{ metadata: unknown }[]>`
			select metadata from storage.objects where bucket_id = ${bucket} and name = ${key}`;
		return {
			...stored.parse(row?.metadata ?? {}),
			contentLength: file.size,
			size: file.size,
			lastModified: file.mtime,
			httpStatusCode: 200,
		};
	};

	const limitOf = async (bucket: string): Promise<number> => {
		const [row] = await sql<{ file_size_limit: string | null }[]>`
			select file_size_limit from storage.buckets where id = ${bucket}`;
		return Number(row?.file_size_limit ?? Infinity);
	};

	return {
		driver: 'files',
		async getObject(bucket, key) {
			const metadata = await metadataOf(bucket, key);
			return {
				httpStatusCode: 200,
				metadata,
				body: Readable.toWeb(createReadStream(fileOf(bucket, key))),
			};
		},
		async uploadObject(bucket, key, _version, body, contentType, cacheControl) {
			const file = fileOf(bucket, key);
			const arriving = `${file}.${crypto.randomUUID()}`;
			const limit = await limitOf(bucket);
			const upload = uploads.getStore();
			const hash = createHash('md5');
			let size = 0;
			const meter = new Transform({
				transform(chunk: Buffer, _encoding, done) {
					size += chunk.length;
					hash.update(chunk);
					// What is too much is heard to its end, and not kept: who sends hears no refusal before.
					if (size <= limit) done(null, chunk);
					else done();
				},
				flush(done) {
					if (size <= limit) return done();
					if (upload) upload.isTooLarge = true;
					done(new Error('too large'));
				},
			});
			await mkdir(dirname(file), { recursive: true });
			try {
				const source = body instanceof Uint8Array ? Readable.from([body]) : Readable.from(body);
				await pipeline(source, meter, createWriteStream(arriving));
				await rename(arriving, file);
			} catch (error) {
				await rm(arriving, { force: true });
				throw error;
			}
			return {
				cacheControl,
				contentLength: size,
				size,
				mimetype: contentType,
				lastModified: new Date(),
				eTag: `"${hash.digest('hex')}"`,
			};
		},
		deleteObject: (bucket, key) => rm(fileOf(bucket, key), { force: true }),
		async deleteObjects(bucket, keys) {
			await Promise.all(keys.map((key) => rm(fileOf(bucket, key), { force: true })));
		},
		async copyObject(bucket, key, _version, toBucket, toKey) {
			const file = fileOf(toBucket, toKey);
			await mkdir(dirname(file), { recursive: true });
			await copyFile(fileOf(bucket, key), file);
			const { eTag } = await metadataOf(bucket, key);
			return { httpStatusCode: 200, eTag, lastModified: new Date() };
		},
		headObject: metadataOf,
		privateAssetUrl: (bucket, key) => Promise.resolve(`file://${fileOf(bucket, key)}`),
	};
}
