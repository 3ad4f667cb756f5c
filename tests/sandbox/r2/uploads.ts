/** Multipart uploads: begun, filled part by part, joined or given up. */
import { createHash, randomUUID } from 'node:crypto';
import type { Folder, Kept, Measured } from './folder.ts';
import { Refusal, unescaped } from './refusal.ts';

const smallestPart = 5 * 1024 * 1024;
const mostParts = 10_000;

type Upload = {
	bucket: string;
	object: Pick<Kept, 'key' | 'contentType' | 'metadata'>;
	parts: Map<number, Measured>;
};

export class Uploads {
	readonly #folder: Folder;
	readonly #open = new Map<string, Upload>();

	constructor(folder: Folder) {
		this.#folder = folder;
	}

	/** Uploads that were begun and neither joined nor given up. */
	get count(): number {
		return this.#open.size;
	}

	begin(bucket: string, object: Upload['object']): string {
		const id = randomUUID();
		this.#open.set(id, { bucket, object, parts: new Map() });
		return id;
	}

	async put(
		id: string,
		bucket: string,
		key: string,
		number: number,
		part: Measured,
	): Promise<void> {
		const upload = this.#find(id, bucket, key);
		if (!(number >= 1 && number <= mostParts))
			throw new Refusal(400, 'InvalidArgument', 'Part number must be between 1 and 10000');
		const before = upload.parts.get(number);
		upload.parts.set(number, part);
		if (before) await this.#folder.discard(before);
	}

	/** As the client lists them: number and ETag of each, in ascending order. */
	async join(id: string, bucket: string, key: string, body: string): Promise<Kept> {
		const upload = this.#find(id, bucket, key);
		const listed = [...body.matchAll(/<Part>([\s\S]*?)<\/Part>/g)].map(([, part = '']) => ({
			number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
			etag: unescaped(/<ETag>([\s\S]*?)<\/ETag>/.exec(part)?.[1] ?? '').replaceAll('"', ''),
		}));
		const parts = listed.map(({ number, etag }, index) => {
			const part = upload.parts.get(number);
			if (!part || part.md5.toString('hex') !== etag)
				throw new Refusal(400, 'InvalidPart', 'One or more of the parts could not be found.');
			if (index > 0 && number <= (listed[index - 1]?.number ?? 0))
				throw new Refusal(400, 'InvalidPartOrder', 'The parts are not in ascending order.');
			if (index < listed.length - 1 && part.bytes < smallestPart)
				throw new Refusal(400, 'EntityTooSmall', 'A part is smaller than 5 MiB.');
			return part;
		});
		if (parts.length === 0) throw new Refusal(400, 'MalformedXML', 'No parts.');
		const digest = createHash('md5');
		for (const { md5 } of parts) digest.update(md5);
		const file = await this.#folder.join(parts.map((part) => part.file));
		this.#open.delete(id);
		return this.#folder.keep(
			bucket,
			{
				...upload.object,
				bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
				etag: `${digest.digest('hex')}-${parts.length}`,
			},
			file,
		);
	}

	async abort(id: string, bucket: string, key: string): Promise<void> {
		const { parts } = this.#find(id, bucket, key);
		this.#open.delete(id);
		await Promise.all([...parts.values()].map((part) => this.#folder.discard(part)));
	}

	#find(id: string, bucket: string, key: string): Upload {
		const upload = this.#open.get(id);
		if (!upload || upload.bucket !== bucket || upload.object.key !== key)
			throw new Refusal(404, 'NoSuchUpload', 'The specified multipart upload does not exist.');
		return upload;
	}
}
