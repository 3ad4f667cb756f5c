/** A stand-in with our buckets in it, for tests. */
import { AwsClient } from 'aws4fetch';
import { buckets, type FileStores } from '#domain/object-store.ts';

export const r2Credentials = {
	accessKeyId: 'sandbox-key',
	secretAccessKey: 'sandbox-secret',
};

/** Makes the buckets, and answers how they are reached. */
export async function emptyR2(
	endpoint: string,
	credentials = r2Credentials,
	bucketPrefix = 'test-',
): Promise<NonNullable<FileStores['r2']>> {
	const client = new AwsClient({ ...credentials, service: 's3', region: 'auto', retries: 0 });
	for (const bucket of buckets)
		await client.fetch(`${endpoint}/${bucketPrefix}${bucket}`, { method: 'PUT' });
	return { endpoint, bucketPrefix, ...credentials };
}
