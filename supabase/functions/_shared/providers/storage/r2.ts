import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Bucket, ListedObject, ObjectHead, ObjectStore } from '../../domain/object-store.ts';
import { whole } from '../../domain/bytes.ts';
import { type R2Config, r2Calls } from './r2-call.ts';
import { counted } from './counted.ts';
import { putObject, putWhole } from './r2-put.ts';
import { deleteBody, elements, textOf } from './r2-xml.ts';

/** Keys that S3 deletes, and rows that it lists, in one call. */
const callLimit = 1000;
/** Folders that are looked into side by side. */
const looksAtOnce = 8;
/** Seconds in which an upload has to begin; it is asked for when the file is ready to go. */
const uploadUrlLife = 60;

const listedObject = z.object({
	key: z.string().min(1),
	bytes: z.coerce.number().int().nonnegative(),
	changedAt: z.iso.datetime().transform((text) => new Date(text)),
});
const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** Files at Cloudflare R2 over its S3 interface: one bucket of theirs for each of ours. */
export function r2ObjectStore(config: R2Config): ObjectStore {
	const { call, sign, source } = r2Calls(config);

	const head = async (bucket: Bucket, key: string): Promise<ObjectHead | null> => {
		const answer = await call({ method: 'HEAD', bucket, key, expected: [404] });
		if (!answer.ok) return null;
		return {
			bytes: z.coerce.number().int().parse(answer.headers.get('content-length')),
			contentType: answer.headers.get('content-type') ?? 'application/octet-stream',
			sha256: digest.safeParse(answer.headers.get('x-amz-meta-sha256')).data ?? null,
		};
	};

	async function* list(bucket: Bucket, folder: string, after = ''): AsyncGenerator<ListedObject[]> {
		for (let token: string | null = ''; token !== null;) {
			const answer: Response = await call({
				method: 'GET',
				bucket,
				query: {
					'list-type': '2',
					'max-keys': String(callLimit),
					...(folder === '' ? {} : { prefix: `${folder}/` }),
					...(token === '' ? {} : { 'continuation-token': token }),
					...(token === '' && after !== '' ? { 'start-after': after } : {}),
				},
			});
			const xml = await answer.text();
			const page = elements(xml, 'Contents').map((row) =>
				listedObject.parse({
					key: textOf(row, 'Key'),
					bytes: textOf(row, 'Size'),
					changedAt: textOf(row, 'LastModified'),
				}),
			);
			if (page.length > 0) yield page;
			token = textOf(xml, 'IsTruncated') === 'true' ? textOf(xml, 'NextContinuationToken') : null;
		}
	}

	/** Those of the keys that are there: their folders are listed, since many of them share one. */
	const present = async (bucket: Bucket, keys: readonly string[]): Promise<Set<string>> => {
		const folders = new Set(keys.map((key) => key.slice(0, Math.max(key.lastIndexOf('/'), 0))));
		const wanted = new Set(keys);
		const found = new Set<string>();
		const queue = folders.values();
		const look = async () => {
			for (const folder of queue)
				for await (const page of list(bucket, folder))
					for (const { key } of page) if (wanted.has(key)) found.add(key);
		};
		await Promise.all(Array.from({ length: looksAtOnce }, look));
		return found;
	};

	const stream = async (bucket: Bucket, key: string) => {
		const { body } = await call({ method: 'GET', bucket, key });
		if (!body) throw new Error(`storage: GET in ${bucket}: no body`);
		return body;
	};

	return {
		isGuarded: false,
		head,
		list,
		put: (bucket, key, body, contentType) => putObject({ call }, bucket, key, body, contentType),
		putOnce: async (bucket, key, body, contentType) =>
			(await putWhole({ call }, bucket, key, body, contentType, true)) ??
			counted(await whole(await stream(bucket, key))).written(),
		read: async (bucket, key) => whole(await stream(bucket, key)),

		stream,

		async copy(bucket, from, to) {
			const headers = { 'x-amz-copy-source': source(bucket, from) };
			const answer = await call({ method: 'PUT', bucket, key: to, headers });
			if (textOf(await answer.text(), 'ETag') === null)
				throw new Error(`storage: copy in ${bucket}: not made`);
		},

		readUrl: (bucket, key, expiresInSeconds, fileName) =>
			sign('GET', bucket, key, expiresInSeconds, {
				query:
					fileName === undefined
						? {}
						: {
								'response-content-disposition': `attachment;filename*=UTF-8''${encodeURIComponent(fileName)}`,
							},
			}),

		readUrls: (bucket, keys, expiresInSeconds) =>
			Promise.all(keys.map((key) => sign('GET', bucket, key, expiresInSeconds))),

		// Of its size and type, and only once: over a file that is there it writes nothing.
		async writeUrl(bucket, key, { contentType, bytes }) {
			const headers = { 'content-type': contentType, 'if-none-match': '*' };
			const expiresAt = new Date(Date.now() + uploadUrlLife * 1000);
			const url = await sign('PUT', bucket, key, uploadUrlLife, {
				headers: { ...headers, 'content-length': String(bytes) },
			});
			return { url, headers, expiresAt };
		},

		async remove(bucket, keys) {
			let left = 0;
			for (let from = 0; from < keys.length; from += callLimit) {
				const some = keys.slice(from, from + callLimit);
				const body = new TextEncoder().encode(deleteBody(some));
				const answer = await call({
					method: 'POST',
					bucket,
					query: { delete: '' },
					headers: { 'content-md5': createHash('md5').update(body).digest('base64') },
					body,
				});
				await answer.body?.cancel();
				// Whatever it said of each key: what counts is what is there.
				left += (await present(bucket, some)).size;
			}
			if (left > 0)
				throw new Error(`storage: ${left} of ${keys.length} objects are still in ${bucket}`);
		},
	};
}
