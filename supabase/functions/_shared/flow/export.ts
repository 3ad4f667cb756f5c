/** A person's own data: shown to them, and handed out once as a copy. */
import type { ListedObject } from '../domain/object-store.ts';
import { personalBuckets } from '../domain/privacy/erasure.ts';
import type { HeldData } from '../domain/privacy/held-data.ts';
import type { Deps } from './deps.ts';
import { pace } from './pace.ts';

type HeldFile = HeldData['objects'][number];
export type ExportFile = HeldFile & {
	/** Null when it was deleted meanwhile. */
	url: string | null;
};
type Needs = Pick<Deps, 'store' | 'objects'>;

/** Rows, and every file that lies below the person's folder, also one that no row names. */
export async function readData(deps: Needs, ownerId: string): Promise<HeldData> {
	const [{ files, ...held }, objects] = await Promise.all([
		deps.store.readData(ownerId),
		filesOf(deps, ownerId),
	]);
	const noted = new Map(files.map(({ bucket, key, sha256 }) => [`${bucket}/${key}`, sha256]));
	return {
		...held,
		objects: objects.flatMap(([bucket, found]) =>
			found.map(({ key, bytes }) => ({
				bucket,
				key,
				bytes,
				sha256: noted.get(`${bucket}/${key}`) ?? null,
			})),
		),
	};
}

/** Uses up the permission, and answers everything with addresses of the files, good for an hour. */
export async function takeExport(
	deps: Needs,
	ownerId: string,
	exportId: string,
): Promise<Omit<HeldData, 'objects'> & { objects: ExportFile[] }> {
	await deps.store.takeExport(ownerId, exportId);
	const { objects, ...held } = await readData(deps, ownerId);
	const files = await Promise.all(
		personalBuckets.map(async (bucket) => {
			const own = objects.filter((object) => object.bucket === bucket);
			const urls = await deps.objects.readUrls(
				bucket,
				own.map(({ key }) => key),
				pace.exportUrl,
			);
			return own.map((object, i) => ({ ...object, url: urls[i] ?? null }));
		}),
	);
	return { ...held, objects: files.flat() };
}

const filesOf = (deps: Pick<Deps, 'objects'>, ownerId: string) =>
	Promise.all(
		personalBuckets.map(async (bucket) => {
			const found: ListedObject[] = [];
			for await (const page of deps.objects.list(bucket, ownerId)) found.push(...page);
			return [bucket, found.toSorted((a, b) => (a.key < b.key ? -1 : 1))] as const;
		}),
	);
