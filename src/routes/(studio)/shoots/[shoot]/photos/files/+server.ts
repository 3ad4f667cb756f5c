import { json } from '@sveltejs/kit';
import { announcedPhoto, openPhoto } from '$lib/server/photos.ts';
import { answerRefusal } from './answer.ts';
import type { RequestHandler } from './$types';

/** Announces a photo: answers where to send it, or that it is here already. */
export const POST: RequestHandler = async ({ request, params, locals }) => {
	const photo = announcedPhoto.safeParse(await request.json().catch(() => null));
	if (!photo.success) {
		return answerRefusal({
			status: 400,
			message: 'This photo could not be announced.',
			hint: 'Reload the page and add it again.',
		});
	}
	const opened = await openPhoto(locals, params.shoot, photo.data);
	return 'refused' in opened ? answerRefusal(opened.refused) : json(opened);
};
