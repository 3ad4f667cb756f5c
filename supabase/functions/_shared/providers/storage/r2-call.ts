/** One signed call of R2's S3 interface: bounded time, a few tries, and no key in a message. */
import { AwsV4Signer } from 'aws4fetch';
import type { Bucket, FileStores } from '../../domain/object-store.ts';

export type R2Config = NonNullable<FileStores['r2']>;

export type R2Request = {
	method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
	bucket: Bucket;
	/** Empty for the bucket itself. */
	key?: string;
	query?: Record<string, string>;
	headers?: Record<string, string>;
	body?: Uint8Array<ArrayBuffer>;
	/** A "no" that is an answer and not a failure. */
	expected?: readonly number[];
	/** Signals that it is not to be tried again. */
	once?: boolean;
};

/** Seconds for one try, its body included. */
const callTimeout = 120;
const tries = 4;
const firstPauseMs = 200;

/** R2 has one region. */
const region = 'auto';

export function r2Calls(config: R2Config) {
	// Signing keys of a day, derived once.
	const cache = new Map<string, ArrayBuffer>();
	const signer = (request: SignerOptions) =>
		new AwsV4Signer({
			accessKeyId: config.accessKeyId,
			secretAccessKey: config.secretAccessKey,
			service: 's3',
			region,
			cache,
			...request,
		});
	const address = (bucket: Bucket, key = '') =>
		`${config.endpoint}/${config.bucketPrefix}${bucket}${key === '' ? '' : `/${encoded(key)}`}`;

	async function send(request: R2Request): Promise<Response> {
		const { method, bucket, key, query = {}, headers = {}, body } = request;
		const url = new URL(address(bucket, key));
		for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
		const signed = await signer({ url: url.href, method, headers, body: body ?? null }).sign();
		return fetch(signed.url, {
			method,
			headers: signed.headers,
			body: body ?? null,
			signal: AbortSignal.timeout(callTimeout * 1000),
		});
	}

	return {
		/** The answer, good or expected; its body is to be read or cancelled. Throws for any other. */
		async call(request: R2Request): Promise<Response> {
			const { method, bucket, expected = [], once: isOnce = false } = request;
			for (let attempt = 1; ; attempt++) {
				const isLast = isOnce || attempt === tries;
				const answer = await send(request).catch((error: unknown) => {
					if (isLast) throw failure(method, bucket, nameOf(error), error);
					return null;
				});
				if (answer?.ok || (answer && expected.includes(answer.status))) return answer;
				if (answer) {
					const code = codeOf(method === 'HEAD' ? '' : await answer.text());
					const isPassing = answer.status >= 500 || answer.status === 429;
					if (isLast || !isPassing)
						throw failure(method, bucket, `${answer.status}${code && ` ${code}`}`);
				}
				await new Promise((done) =>
					setTimeout(done, firstPauseMs * 2 ** (attempt - 1) * (1 - Math.random() / 4)),
				);
			}
		},

		/** An address that says by itself what it is good for. Headers given here must be sent along, as they are. */
		async sign(
			method: 'GET' | 'PUT',
			bucket: Bucket,
			key: string,
			expiresInSeconds: number,
			{ query = {}, headers = {} }: Pick<R2Request, 'query' | 'headers'> = {},
		): Promise<string> {
			const url = new URL(address(bucket, key));
			url.searchParams.set('X-Amz-Expires', String(expiresInSeconds));
			for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
			const signed = await signer({
				url: url.href,
				method,
				headers,
				signQuery: true,
				allHeaders: true,
			}).sign();
			return signed.url.href;
		},

		/** Where a bucket's object lies, as CopyObject names it. */
		source: (bucket: Bucket, key: string) => `/${config.bucketPrefix}${bucket}/${encoded(key)}`,
	};
}

export type R2Calls = ReturnType<typeof r2Calls>;
type SignerOptions = Omit<
	ConstructorParameters<typeof AwsV4Signer>[0],
	'accessKeyId' | 'secretAccessKey'
>;

const encoded = (key: string) => key.split('/').map(encodeURIComponent).join('/');
const nameOf = (error: unknown) => (error instanceof Error ? error.name : 'no answer');
/** `SlowDown`, `NoSuchKey`: the only part of an error that names nobody. */
const codeOf = (xml: string) => /<Code>([A-Za-z]{1,60})<\/Code>/.exec(xml)?.[1] ?? '';

/** Keys name people's folders and stay out of messages. */
function failure(method: string, bucket: string, what: string, cause?: unknown): Error {
	return new Error(`storage: ${method} in ${bucket}: ${what}`, { cause });
}
