/** Folders as a hosted Storage shows them; lite knows whole keys only. */
import { z } from 'zod';

export const listBody = z.object({
	prefix: z.string().default(''),
	limit: z.number().int().min(1).default(100),
	offset: z.number().int().min(0).default(0),
	search: z.string().default(''),
	sortBy: z
		.object({
			column: z.enum(['name', 'created_at', 'updated_at', 'last_accessed_at']).default('name'),
			order: z.enum(['asc', 'desc']).default('asc'),
		})
		.prefault({}),
});
export const objects = z.array(
	z.looseObject({
		id: z.string(),
		name: z.string(),
		created_at: z.string().nullable(),
		updated_at: z.string().nullable(),
		last_accessed_at: z.string().nullable(),
		metadata: z.unknown(),
	}),
);
/** Storage's view of a folder: its files by relative name, and one row without id for each folder in it. */
export function oneLevel(
	rows: z.infer<typeof objects>,
	folder: string,
	{ search, sortBy, offset, limit }: z.infer<typeof listBody>,
) {
	const folders = new Set<string>();
	const files: z.infer<typeof objects> = [];
	for (const row of rows) {
		if (!row.name.startsWith(folder)) continue;
		const name = row.name.slice(folder.length);
		if (!name.toLowerCase().startsWith(search.toLowerCase())) continue;
		const slash = name.indexOf('/');
		if (slash >= 0) folders.add(name.slice(0, slash));
		else files.push({ ...row, name });
	}
	const direction = sortBy.order === 'asc' ? 1 : -1;
	const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0) * direction;
	files.sort((a, b) => compare(a[sortBy.column] ?? '', b[sortBy.column] ?? ''));
	const none = {
		id: null,
		updated_at: null,
		created_at: null,
		last_accessed_at: null,
		metadata: null,
	};
	return [
		...[...folders].sort(compare).map((name) => ({ name, ...none })),
		...files.map(({ name, id, updated_at, created_at, last_accessed_at, metadata }) => ({
			...{ name, id, updated_at, created_at, last_accessed_at, metadata },
		})),
	].slice(offset, offset + limit);
}
