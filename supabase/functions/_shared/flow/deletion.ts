/** Deletion: of objects in our buckets, and of what a provider still has of a request. */
import type { Bucket } from '../domain/ports.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Deps } from './deps.ts';
import { pace } from './pace.ts';
import { inParallel } from './parallel.ts';
import { TryAgain } from './try-again.ts';

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
 * that nobody waits for any more may still run, at the endpoint `runningAt`: it is stopped and waited for.
 */
export async function forgetRequest(
	deps: Pick<Deps, 'store' | 'eraser'>,
	requestId: string,
	runningAt?: string,
): Promise<void> {
	if (runningAt !== undefined && !(await deps.eraser.stop({ endpoint: runningAt, requestId })))
		throw new TryAgain('it still runs', pace.stopped);
	const { evidence } = await deps.eraser.forget(requestId);
	await deps.store.recordForgotten(requestId, evidence);
}

/** Of all portraits of a shoot that were delivered: they have ended, and nobody waits for them any more. */
export async function forgetDelivered(
	deps: Pick<Deps, 'store' | 'eraser'>,
	shootId: string,
): Promise<void> {
	const requests = await deps.store.requestsToForget(shootId);
	const troubles: string[] = [];
	await inParallel(
		requests.slice(0, pace.forgetsPerRun),
		pace.parallelForgets,
		async (requestId) => {
			try {
				await forgetRequest(deps, requestId);
			} catch (error) {
				troubles.push(error instanceof Error ? error.message : 'unknown');
			}
		},
	);
	if (troubles[0] !== undefined) throw new Error(`${troubles.length} not deleted: ${troubles[0]}`);
	if (requests.length > pace.forgetsPerRun) throw new TryAgain('there are more', 1);
}

/**
 * A result for what was erased meanwhile: its request has ended, as the provider itself has told, and
 * what came of it is deleted there. Null then.
 */
export async function unlessErased<Work>(
	deps: Pick<Deps, 'store' | 'eraser'>,
	requestId: string | undefined,
	load: () => Promise<Work>,
): Promise<Work | null> {
	try {
		return await load();
	} catch (error) {
		if (!(error instanceof Refusal) || error.status !== 404 || requestId === undefined) throw error;
		await forgetRequest(deps, requestId);
		return null;
	}
}
