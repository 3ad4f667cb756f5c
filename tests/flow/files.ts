/** Files of the tests' people: sent as a page sends them, and looked at where they lie, whichever store that is. */
import type { Sql } from 'postgres';
import { z } from 'zod';
import { type Bucket, fileStores, keysBelow, type ObjectStore } from '#domain/object-store.ts';
import { openObjectStore } from '#providers/storage/index.ts';
import type { Keys } from '../sandbox/keys.ts';
import type { Urls } from '../sandbox/urls.ts';
import type { Person } from './world.ts';

export type FilesStack = {
	urls: Pick<Urls, 'supabase' | 'r2'>;
	keys: Pick<Keys, 'secret' | 'r2KeyId' | 'r2Secret'>;
	/** What its functions run with. */
	env: Record<string, string>;
};

/** Where the files of this stack lie: as its profile says, or FILE_STORE in front of the command. */
export const fileStoreOf = ({ env }: Pick<FilesStack, 'env'>) =>
	z.enum(fileStores).parse(env['FILE_STORE']);

/** What has to happen before files of a system may lie at R2 whose policy does not name it: its next version does. */
export const nameR2 = (sql: Sql) => sql`
	insert into private.policy_versions (profile, version, sha256, published_at, names)
	select profile, version || '-r2', ${'0'.repeat(64)}, now(), names || '{r2}'::text[]
	from private.policy_in_force() where not 'r2' = any (names)`;

/** The store of this stack, with the server's own keys. */
export const storeOf = (stack: FilesStack, store = fileStoreOf(stack)): ObjectStore => {
	const { urls, keys } = stack;
	return openObjectStore({
		store,
		before: null,
		supabase: { url: urls.supabase, serviceKey: keys.secret, publicUrl: urls.supabase },
		r2: {
			endpoint: urls.r2,
			bucketPrefix: 'sandbox-',
			accessKeyId: keys.r2KeyId,
			secretAccessKey: keys.r2Secret,
		},
	});
};

/** Names of the objects that a shoot has in a bucket. */
export async function objects(
	stack: FilesStack & { sql: Sql },
	bucket: Bucket,
	shootId: string,
): Promise<string[]> {
	if (fileStoreOf(stack) === 'r2') {
		const keys = await keysBelow(storeOf(stack), bucket, '');
		return keys.filter((key) => key.split('/')[1] === shootId).toSorted();
	}
	// Storage shows a bucket folder by folder; its table is at hand.
	const rows = await stack.sql<{ name: string }[]>`
		select name from storage.objects
		where bucket_id = ${bucket} and name like ${`%/${shootId}/%`} order by name`;
	return rows.map(({ name }) => name);
}

/** How many objects a person has, by bucket; without those that have none. */
export async function objectsOf(
	stack: FilesStack,
	ownerId: string,
): Promise<Record<string, number>> {
	const counts = await Promise.all(
		(['photos', 'datasets', 'loras', 'headshots'] as const).map(
			async (bucket) =>
				[bucket, (await keysBelow(storeOf(stack), bucket, ownerId)).length] as const,
		),
	);
	return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

const place = z.object({ url: z.url(), headers: z.record(z.string(), z.string()) });
export type Place = z.infer<typeof place>;

async function ask(person: Person, name: string, photoId: string): Promise<unknown> {
	const { data, error } = await person.client.functions.invoke(name, {
		body: { photo_id: photoId },
	});
	if (error) throw new Error(`${name}: ${String(error)}`);
	return data;
}

/** Where a photo may be sent. */
export async function openUpload(person: Person, photoId: string): Promise<Place> {
	const answer = z.object({ upload: place }).parse(await ask(person, 'open-upload', photoId));
	return answer.upload;
}

export const confirmUpload = (person: Person, photoId: string): Promise<unknown> =>
	ask(person, 'confirm-upload', photoId);

/** The status of a PUT, as a browser would make it. */
export async function send({ url, headers }: Place, bytes: Uint8Array): Promise<number> {
	const answer = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(bytes) });
	await answer.arrayBuffer();
	return answer.status;
}

/** Time passes: no address that was given out is good any more. */
export const addressesEnd = (stack: { sql: Sql }) =>
	stack.sql`update private.upload_urls set ends_at = now() - interval '1 hour'`;
