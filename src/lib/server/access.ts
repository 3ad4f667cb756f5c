import type { SupabaseClient } from '@supabase/supabase-js';
import type { Database } from '#store/database.types.ts';
import { dataOf } from './answer.ts';

type Client = SupabaseClient<Database>;

/** By day, shoot, reader and kind, newest first; of the last thousand readings. */
export async function listAccess(supabase: Client) {
	const rows = dataOf(
		await supabase
			.from('access_log')
			.select('at, reader, what, items, shoots(name)')
			.order('at', { ascending: false })
			.limit(1000),
	);
	const lines = new Map<
		string,
		{ day: string; words: string; shoot: string | null; what: string; items: number }
	>();
	for (const { at, reader, what, items, shoots } of rows) {
		const day = at.slice(0, 10);
		const shoot = shoots?.name ?? null;
		const key = [day, shoot, reader, what].join('\n');
		const line = lines.get(key) ?? { day, shoot, words: wordsOf(reader, what), what, items: 0 };
		lines.set(key, { ...line, items: line.items + items });
	}
	return [...lines.values()].map(({ what, items, ...line }) => ({
		...line,
		amount: `${items} ${what === 'model' ? 'time' : 'picture'}${items === 1 ? '' : 's'}`,
	}));
}

function wordsOf(reader: string, what: string): string {
	const things = what === 'photo' ? 'photos' : what === 'portrait' ? 'portraits' : 'model';
	switch (reader) {
		case 'training':
			return 'Your training read your photos';
		case 'generation':
			return 'Portraits were made with your model';
		case 'export':
			return `Your export copied your ${things}`;
		default:
			return `You looked at your ${things}`;
	}
}
