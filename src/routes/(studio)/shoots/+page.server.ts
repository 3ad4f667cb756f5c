import { noteSeen } from '$lib/server/access.ts';
import { listShoots, pageOf, signedUrls } from '$lib/server/shoots.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals: { supabase } }) => {
	const shoots = await listShoots(supabase);
	const [urls] = await Promise.all([
		signedUrls(
			supabase,
			'headshots',
			shoots.flatMap((shoot) => shoot.covers),
		),
		noteSeen(
			supabase,
			shoots.map(({ id, covers }) => ({ shoot_id: id, what: 'portrait', items: covers.length })),
		),
	]);
	return {
		shoots: shoots.map(({ covers, ...shoot }) => ({
			...shoot,
			href: `/shoots/${shoot.id}/${pageOf[shoot.status]}`,
			covers: covers.flatMap((key) => urls.get(key) ?? []),
		})),
	};
};
