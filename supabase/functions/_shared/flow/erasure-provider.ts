/** What a provider has of a person, request by request: stopped, waited for, deleted, and its answers kept. */
import { z } from 'zod';
import type { ErasureWork, Unanswered } from '../domain/privacy/erasure.ts';
import type { ProviderRequest } from '../domain/provider-request.ts';
import type { Deps } from './deps.ts';
import { hasPassed, pace } from './pace.ts';
import { inParallel } from './parallel.ts';
import { TryAgain } from './try-again.ts';

const planned = z.object({
	running: z.array(z.string()),
	/** Of a provider that stores nothing for us: when its own log is free of what it was shown. */
	loggedUntil: z.string().nullish(),
});

/** Throws while a request runs or could not be deleted: outputs that come later would stay. */
export async function forgetRequests(
	deps: Deps,
	work: ErasureWork,
	plan: unknown,
): Promise<object> {
	const { running, loggedUntil } = planned.parse(plan);
	const found = await findUnanswered(deps, work);
	const requests = [...work.requests, ...found.requests];
	const mayRun = new Set([...running, ...found.requests.map(({ requestId }) => requestId)]);
	let waiting = found.waiting;
	const troubles: string[] = [];
	await inParallel(requests.slice(0, pace.forgetsPerRun), pace.parallelForgets, async (request) => {
		try {
			if (mayRun.has(request.requestId) && !(await deps.eraser.stop(request))) {
				waiting += 1;
				return;
			}
			const { evidence } = await deps.eraser.forget(request.requestId);
			await deps.store.recordForgotten(request.requestId, evidence);
		} catch (error) {
			troubles.push(error instanceof Error ? error.message : 'unknown');
		}
	});
	if (troubles[0] !== undefined) throw new Error(`${troubles.length} not deleted: ${troubles[0]}`);
	if (waiting > 0) throw new TryAgain(`${waiting} requests still run`);
	if (requests.length > pace.forgetsPerRun) throw new TryAgain('there are more');
	return loggedUntil ? { loggedUntil } : {};
}

/** A request whose answer was lost is looked for until it must have ended: by then it would be listed. */
async function findUnanswered(
	deps: Deps,
	work: ErasureWork,
): Promise<{ requests: ProviderRequest[]; waiting: number }> {
	const requests: ProviderRequest[] = [];
	let waiting = 0;
	for (const unanswered of work.unanswered) {
		const request = await lookFor(deps, unanswered);
		if (request !== null) {
			await deps.store.recordFoundRequest(
				work.id,
				request,
				'training' in unanswered
					? { trainingId: unanswered.training.id }
					: { generationId: unanswered.generation.id },
			);
			requests.push(request);
		} else if (mayStillCome(unanswered, deps.clock.now())) waiting += 1;
	}
	return { requests, waiting };
}

const lookFor = (deps: Deps, unanswered: Unanswered): Promise<ProviderRequest | null> =>
	'training' in unanswered
		? deps.trainer.find({
				...unanswered.training,
				endpoint: deps.engine.trainer,
				steps: deps.engine.trainerSteps,
			})
		: deps.generator.find({ ...unanswered.generation, endpoint: deps.engine.generator });

const mayStillCome = (unanswered: Unanswered, now: Date): boolean =>
	'training' in unanswered
		? !hasPassed(unanswered.training.submittedAt, pace.trainingUnconfirmed, now)
		: !hasPassed(unanswered.generation.submittedAt, pace.generationUnconfirmed, now);
