/** R2's buckets as we need them: made, told which pages may speak to them, and what goes by itself. Safe to repeat. */
import { AwsClient } from 'aws4fetch';
import { buckets, type Bucket, type FileStores } from '../../domain/object-store.ts';

type R2 = NonNullable<FileStores['r2']>;

/** Seconds that a browser may remember what it was told. */
const corsMemory = 3600;
/**
 * Days. A second net below the deletions of our own: objects go within a day after. None for what a person
 * may have had restricted: that stays.
 */
const expiry: Partial<Record<Bucket, number>> = { datasets: 2 };

/** Private by default; content-type is named, since R2 does not count it under `*`. */
const cors = (origins: readonly string[]) =>
	`<CORSConfiguration><CORSRule>${origins.map((origin) => `<AllowedOrigin>${origin}</AllowedOrigin>`).join('')}<AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod><AllowedHeader>content-type</AllowedHeader><AllowedHeader>if-none-match</AllowedHeader><MaxAgeSeconds>${corsMemory}</MaxAgeSeconds></CORSRule></CORSConfiguration>`;

const rule = (id: string, what: string) =>
	`<Rule><ID>${id}</ID><Status>Enabled</Status><Filter><Prefix></Prefix></Filter>${what}</Rule>`;

const lifecycle = (bucket: Bucket) =>
	`<LifecycleConfiguration>${rule('abort-uploads', '<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>')}${
		expiry[bucket] === undefined
			? ''
			: rule('expire', `<Expiration><Days>${expiry[bucket]}</Days></Expiration>`)
	}</LifecycleConfiguration>`;

/** `origins` are those of the web app. Throws, naming the bucket, at the first thing that is refused. */
export async function prepareR2(r2: R2, origins: readonly string[]): Promise<string[]> {
	const client = new AwsClient({ ...r2, service: 's3', region: 'auto', retries: 3 });
	const done: string[] = [];
	for (const bucket of buckets) {
		const url = `${r2.endpoint}/${r2.bucketPrefix}${bucket}`;
		const send = async (what: string, body = '') => {
			const answer = await client.fetch(url + what, {
				method: 'PUT',
				...(body === '' ? {} : { body, headers: { 'content-type': 'application/xml' } }),
				signal: AbortSignal.timeout(30_000),
			});
			const code = /<Code>(\w+)</.exec(await answer.text())?.[1] ?? '';
			// Ours already: it keeps what lies in it.
			if (!answer.ok && code !== 'BucketAlreadyOwnedByYou')
				throw new Error(`${r2.bucketPrefix}${bucket}: ${answer.status} ${code}`);
		};
		await send('');
		await send('?cors', cors(origins));
		await send('?lifecycle', lifecycle(bucket));
		done.push(`${r2.bucketPrefix}${bucket}`);
	}
	return done;
}
