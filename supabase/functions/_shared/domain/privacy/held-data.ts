/** Everything that is held about a person, as the database answers it, and the copy that is made of it. */
import { z } from 'zod';
import { dataCategories } from './categories.ts';
import type { DataCategory } from './data-category.ts';
import { retentionRules } from './retention.ts';

const row = z.record(z.string(), z.unknown());
const column = z.object({
	name: z.string(),
	/** As Postgres calls it. */
	type: z.string(),
	is_nullable: z.boolean(),
	comment: z.string().nullable(),
});

const file = z.object({ bucket: z.string(), key: z.string(), sha256: z.string().nullable() });

/** As the database knows it: of files, what its rows say. */
export const heldRows = z.object({
	rows: z.record(z.string(), z.array(row)),
	columns: z.record(z.string(), z.array(column)),
	files: z.array(file),
});
export type HeldRows = z.infer<typeof heldRows>;

export const heldData = z.object({
	/** By table, e.g. `public.photos`. */
	rows: z.record(z.string(), z.array(row)),
	columns: z.record(z.string(), z.array(column)),
	/** Files, as they lie in the store. */
	objects: z.array(file.extend({ bytes: z.number().nullable() })),
});
export type HeldData = z.infer<typeof heldData>;
export type HeldColumn = z.infer<typeof column>;

export const exportFormat = 'personal-data-export';
export const exportVersion = 1;

/** One heading of the page and of the copy. */
export type HeldCategory = {
	id: string;
	what: string;
	why: string;
	/** How long, in words. */
	kept: string;
	tables: Record<string, z.infer<typeof row>[]>;
	files: HeldFile[];
};
export type HeldFile = {
	/** In the copy. */
	path: string;
	bucket: string;
	bytes: number | null;
	sha256: string | null;
};

/** Under the headings of the policy; what no heading names comes last, so that nothing is left out. */
export function byCategory(held: HeldData): HeldCategory[] {
	const named: readonly DataCategory[] = dataCategories;
	const isNamed = (table: string) => named.some((category) => category.tables.includes(table));
	const isKnown = (bucket: string) => named.some((category) => category.buckets.includes(bucket));
	const pick = (has: (table: string) => boolean) =>
		Object.fromEntries(Object.entries(held.rows).filter(([table]) => has(table)));
	const filesOf = (has: (bucket: string) => boolean) =>
		held.objects
			.filter(({ bucket }) => has(bucket))
			.map(({ key, ...file }) => ({ path: pathOf(file.bucket, key), ...file }));
	const categories = named.map((category) => ({
		id: category.id,
		what: category.what,
		why: category.why,
		kept: retentionRules.find((rule) => rule.id === category.retention)?.words ?? '',
		tables: pick((table) => category.tables.includes(table)),
		files: filesOf((bucket) => category.buckets.includes(bucket)),
	}));
	const rest: HeldCategory = {
		id: 'more',
		what: 'What else there is',
		why: 'Rows that carry your account’s number and belong to none of the headings above.',
		kept: 'While your account is there.',
		tables: pick((table) => !isNamed(table)),
		files: filesOf((bucket) => !isKnown(bucket)),
	};
	return [...categories, rest].filter(
		({ tables, files }) => Object.keys(tables).length > 0 || files.length > 0,
	);
}

/** A key begins with the account's number, which is the same for all of them. */
export const pathOf = (bucket: string, key: string): string =>
	`${bucket}/${key.slice(key.indexOf('/') + 1)}`;

/** `data.json` of the copy. */
export function exportDocument(held: HeldData, accountId: string, madeAt: Date) {
	return {
		format: exportFormat,
		version: exportVersion,
		made_at: madeAt.toISOString(),
		account: accountId,
		categories: byCategory(held),
	};
}
