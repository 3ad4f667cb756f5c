import { redirect } from '@sveltejs/kit';
import { pageOf } from '$lib/server/shoots.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ parent }) => {
	const { shoot } = await parent();
	redirect(303, `/shoots/${shoot.id}/${pageOf[shoot.status]}`);
};
