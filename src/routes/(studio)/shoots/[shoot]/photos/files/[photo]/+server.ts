import { confirmUpload } from '$lib/server/files.ts';
import { removePhoto } from '$lib/server/photos.ts';
import { answerDone } from '../answer.ts';
import type { RequestHandler } from './$types';

/** The bytes have been sent. */
export const PUT: RequestHandler = async ({ params, locals }) =>
	answerDone(await confirmUpload(locals, params.photo));

export const DELETE: RequestHandler = async ({ params, locals: { supabase } }) =>
	answerDone(await removePhoto(supabase, params.shoot, params.photo));
