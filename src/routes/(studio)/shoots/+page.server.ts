import { signFiles } from '$lib/server/files.ts';
import { listShoots, pageOf } from '$lib/server/shoots.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
	const shoots = await listShoots(locals.supabase);
	const urls = await signFiles(locals, {
		what: 'thumbnail',
		ids: shoots.flatMap(({ covers }) => covers),
	});
	return {
		shoots: shoots.map(({ covers, ...shoot }) => ({
			...shoot,
			href: `/shoots/${shoot.id}/${pageOf[shoot.status]}`,
			covers: covers.flatMap((id) => urls.get(id) ?? []),
		})),
	};
};
