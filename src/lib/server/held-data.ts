import { error } from '@sveltejs/kit';
import { z } from 'zod';
import { heldData, type HeldData } from '#domain/privacy/held-data.ts';
import { callFunction } from './functions.ts';

/** Everything that is held about the person who asks. */
export async function readHeldData(locals: App.Locals): Promise<HeldData> {
	const answer = await callFunction(locals, 'read-data', {});
	if (!answer.ok) error(answer.status, answer.refusal);
	return heldData.parse(answer.data);
}

const takenData = heldData.extend({
	objects: z.array(heldData.shape.objects.element.extend({ url: z.url().nullable() })),
});
export type TakenData = z.infer<typeof takenData>;

/** Uses up a permission. Throws 404 for another's, 410 for one that is used or late. */
export async function takeCopy(locals: App.Locals, id: string): Promise<TakenData> {
	const answer = await callFunction(locals, 'take-export', { export_id: id });
	if (!answer.ok) error(answer.status === 400 ? 404 : answer.status, answer.refusal);
	return takenData.parse(answer.data);
}
