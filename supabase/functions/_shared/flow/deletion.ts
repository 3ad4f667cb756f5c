/** Deletion: of objects in our buckets, and of what a provider still has of a request. */
import type { Bucket } from '../domain/ports.ts';
import type { Deps } from './deps.ts';

/** The Storage API takes this many keys a call. */
const KEYS_PER_CALL = 1000;

export async function deleteObjects(
	deps: Pick<Deps, 'store' | 'objects'>,
	bucket: Bucket,
	keys: readonly string[],
): Promise<void> {
	for (let start = 0; start < keys.length; start += KEYS_PER_CALL) {
		const some = keys.slice(start, start + KEYS_PER_CALL);
		await deps.objects.remove(bucket, some);
		await deps.store.objectsGone(bucket, some);
	}
}

/**
 * Has the provider delete a request's payloads and output files, and keeps its answer as evidence. One
 * that nobody waits for any more may still run, at the endpoint `runningAt`: it is stopped first.
 */
export async function forgetRequest(
	deps: Pick<Deps, 'store' | 'trainer' | 'eraser'>,
	requestId: string,
	runningAt?: string,
): Promise<void> {
	if (runningAt !== undefined) await deps.trainer.cancel({ endpoint: runningAt, requestId });
	const { evidence } = await deps.eraser.forget(requestId);
	await deps.store.recordForgotten(requestId, evidence);
}
