import { noteSeen } from '$lib/server/access.ts';
import { signFiles } from '$lib/server/files.ts';
import { listShoots, pageOf } from '$lib/server/shoots.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
	const { supabase } = locals;
	const shoots = await listShoots(supabase);
	const [urls] = await Promise.all([
		signFiles(locals, { what: 'thumbnail', ids: shoots.flatMap(({ covers }) => covers) }),
		noteSeen(
			supabase,
			shoots.map(({ id, covers }) => ({ shoot_id: id, what: 'portrait', items: covers.length })),
		),
	]);
	return {
		shoots: shoots.map(({ covers, ...shoot }) => ({
			...shoot,
			href: `/shoots/${shoot.id}/${pageOf[shoot.status]}`,
			covers: covers.flatMap((id) => urls.get(id) ?? []),
		})),
	};
};
