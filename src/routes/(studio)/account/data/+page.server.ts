import { fail } from '@sveltejs/kit';
import { z } from 'zod';
import { byCategory } from '#domain/privacy/held-data.ts';
import { refreshWhenStale } from '$lib/server/fresh.ts';
import { callFunction } from '$lib/server/functions.ts';
import { readHeldData } from '$lib/server/held-data.ts';
import type { Actions, PageServerLoad } from './$types';

/** Rows of one table that the page shows; the copy has them all. */
const shown = 50;

export const load: PageServerLoad = async ({ locals }) => {
	const held = await readHeldData(locals);
	return {
		bytes: held.objects.reduce((sum, object) => sum + (object.bytes ?? 0), 0),
		files: held.objects.length,
		categories: byCategory(held).map(({ tables, files, ...category }) => ({
			...category,
			files: files.map(({ path, bytes }) => ({ path, bytes })),
			tables: Object.entries(tables).map(([name, rows]) => ({
				name,
				count: rows.length,
				// Newest first: they are what a person looks for.
				rows: rows.slice(-shown).reverse(),
			})),
		})),
	};
};

const started = z.object({ export_id: z.uuid() });

export const actions: Actions = {
	copy: async ({ locals }) => {
		const answer = await callFunction(locals, 'start-export', {});
		if (answer.ok) return { copy: started.parse(answer.data).export_id };
		refreshWhenStale(answer, '/account/data');
		return fail(answer.status, { title: answer.refusal.message, hint: answer.refusal.hint });
	},
};
