/** A person's own data: shown to them, and handed out once as a copy. */
import { z } from 'zod';
import { buckets as everyBucket } from '../domain/object-store.ts';
import type { HeldData } from '../domain/privacy/held-data.ts';
import type { Deps } from './deps.ts';
import { pace } from './pace.ts';

export type ExportFile = HeldData['objects'][number] & {
	/** Null when it was deleted meanwhile. */
	url: string | null;
};

/** Uses up the permission, and answers everything with addresses of the files, good for an hour. */
export async function takeExport(
	deps: Pick<Deps, 'store' | 'objects'>,
	ownerId: string,
	exportId: string,
): Promise<Omit<HeldData, 'objects'> & { objects: ExportFile[] }> {
	await deps.store.takeExport(ownerId, exportId);
	const { objects, ...held } = await deps.store.readData(ownerId);
	const buckets = [...new Set(objects.map(({ bucket }) => bucket))];
	const files = await Promise.all(
		buckets.map(async (bucket) => {
			const own = objects.filter((object) => object.bucket === bucket);
			const urls = await deps.objects.readUrls(
				z.enum(everyBucket).parse(bucket),
				own.map(({ key }) => key),
				pace.exportUrl,
			);
			return own.map((object, i) => ({ ...object, url: urls[i] ?? null }));
		}),
	);
	return { ...held, objects: files.flat() };
}
