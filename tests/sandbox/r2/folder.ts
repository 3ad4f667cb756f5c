/** Where the stand-in keeps objects: one file each, and beside it what S3 says of it. */
import { createHash, randomUUID } from 'node:crypto';
import {
	createReadStream,
	createWriteStream,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
} from 'node:fs';
import { copyFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { z } from 'zod';

const kept = z.object({
	key: z.string(),
	bytes: z.number(),
	etag: z.string(),
	contentType: z.string(),
	/** `x-amz-meta-…` by its last part. */
	metadata: z.record(z.string(), z.string()),
	changedAt: z.string(),
});
export type Kept = z.infer<typeof kept>;
export type Measured = { file: string; bytes: number; md5: Buffer; sha256: string };

export class Folder {
	readonly #path: string;
	readonly #objects = new Map<string, Map<string, Kept>>();

	constructor(path: string) {
		this.#path = path;
		mkdirSync(join(path, 'arriving'), { recursive: true });
		for (const bucket of readdirSync(path)) {
			if (bucket === 'arriving') continue;
			const objects = new Map<string, Kept>();
			for (const name of readdirSync(join(path, bucket))) {
				if (!name.endsWith('.json')) continue;
				const object = kept.parse(JSON.parse(readFileSync(join(path, bucket, name), 'utf8')));
				objects.set(object.key, object);
			}
			this.#objects.set(bucket, objects);
		}
	}

	bucket(name: string): Map<string, Kept> | undefined {
		return this.#objects.get(name);
	}

	buckets(): string[] {
		return [...this.#objects.keys()];
	}

	makeBucket(name: string): void {
		mkdirSync(join(this.#path, name), { recursive: true });
		if (!this.#objects.has(name)) this.#objects.set(name, new Map());
	}

	/** Takes bytes in, measured on the way; they are nobody's yet. */
	async receive(body: ReadableStream<Uint8Array> | null): Promise<Measured> {
		const file = join(this.#path, 'arriving', randomUUID());
		const [md5, sha256] = [createHash('md5'), createHash('sha256')];
		let bytes = 0;
		const meter = new Transform({
			transform(chunk: Buffer, _encoding, done) {
				bytes += chunk.length;
				md5.update(chunk);
				sha256.update(chunk);
				done(null, chunk);
			},
		});
		const source = body ? Readable.fromWeb(body as WebStream) : Readable.from([]);
		try {
			await pipeline(source, meter, createWriteStream(file));
		} catch (error) {
			await rm(file, { force: true });
			throw error;
		}
		return { file, bytes, md5: md5.digest(), sha256: sha256.digest('hex') };
	}

	async discard({ file }: Pick<Measured, 'file'>): Promise<void> {
		await rm(file, { force: true });
	}

	/** Gives received bytes their place. */
	async keep(bucket: string, object: Omit<Kept, 'changedAt'>, file: string): Promise<Kept> {
		const whole = { ...object, changedAt: new Date().toISOString() };
		const place = this.fileOf(bucket, object.key);
		await rename(file, place);
		await writeFile(`${place}.json`, JSON.stringify(whole));
		this.#objects.get(bucket)?.set(object.key, whole);
		return whole;
	}

	async copy(bucket: string, key: string): Promise<string> {
		const file = join(this.#path, 'arriving', randomUUID());
		await copyFile(this.fileOf(bucket, key), file);
		return file;
	}

	/** Several files as one. */
	async join(files: readonly string[]): Promise<string> {
		const file = join(this.#path, 'arriving', randomUUID());
		await pipeline(async function* () {
			for (const part of files) yield* createReadStream(part);
		}, createWriteStream(file));
		await Promise.all(files.map((part) => rm(part, { force: true })));
		return file;
	}

	async remove(bucket: string, key: string): Promise<void> {
		const place = this.fileOf(bucket, key);
		this.#objects.get(bucket)?.delete(key);
		await rm(`${place}.json`, { force: true });
		await rm(place, { force: true });
	}

	has = (bucket: string, key: string) => existsSync(this.fileOf(bucket, key));

	open = (bucket: string, key: string): ReadableStream =>
		Readable.toWeb(createReadStream(this.fileOf(bucket, key))) as ReadableStream;

	/** Keys are not file names: they may be long, and one may be the folder of another. */
	fileOf = (bucket: string, key: string): string =>
		join(this.#path, bucket, createHash('sha256').update(key).digest('hex'));
}
