/** Training: the sealed photos become a lora of the person, in our own bucket. */
import { trainingFailure } from '../domain/failure.ts';
import type { ProviderRequest } from '../domain/provider-request.ts';
import type { TrainingOutcome, TrainingStatus, TrainingWork } from '../domain/training.ts';
import { unlessErased } from './deletion.ts';
import type { Deps } from './deps.ts';
import { hasPassed, largestFile, pace } from './pace.ts';
import { findSubmitted, submitOnce } from './submission.ts';
import { TryAgain } from './try-again.ts';

/** Hands the dataset to the trainer, at most once. */
export async function startTraining(deps: Deps, trainingId: string): Promise<void> {
	const work = await loadTraining(deps, trainingId);
	if (isOver(work.status) || work.submittedAt !== null) return;
	if (!work.isPermitted) return deps.store.failTraining(work.id, 'not_permitted');
	await putDataset(deps, work);
	const datasetUrl = await deps.objects.readUrl('datasets', work.datasetKey, pace.datasetUrl);
	await submitOnce(
		async () => ((await deps.store.beginTrainingSubmit(work.id)) ? work : null),
		() => ({
			...sideOf(deps, work),
			send: () =>
				deps.trainer.submit(work, datasetUrl, `${deps.addresses.falWebhook}?training=${work.id}`),
			clear: () => deps.store.clearTrainingSubmit(work.id),
			refuse: (code) => deps.store.failTraining(work.id, trainingFailure(code)),
		}),
	);
}

/** Asks the trainer how far it is; when it is done, brings the weights home and plans the portraits. */
export async function collectTraining(
	deps: Deps,
	trainingId: string,
	requestId?: string,
): Promise<void> {
	const work = await unlessErased(deps, requestId, () => loadTraining(deps, trainingId));
	if (work === null) return;
	const request = work.request ?? (await findRequest(deps, work));
	if (request === null || isOver(work.status)) return;
	if (!work.isPermitted) {
		await deps.trainer.cancel(request);
		return deps.store.failTraining(work.id, 'not_permitted');
	}
	const outcome = await deps.trainer.check(request);
	switch (outcome.kind) {
		case 'waiting':
		case 'running':
			if (hasPassed(work.submittedAt, pace.trainingDeadline, deps.clock.now())) {
				await deps.trainer.cancel(request);
				return deps.store.failTraining(work.id, 'timed_out');
			}
			return deps.store.noteTrainingProgress(
				work.id,
				outcome.kind === 'waiting' ? outcome.position : null,
				outcome.kind === 'running' ? outcome.percent : null,
			);
		case 'succeeded':
			return bringWeightsHome(deps, work, outcome);
		case 'failed':
			return deps.store.failTraining(work.id, trainingFailure(outcome.code));
		case 'gone':
			return deps.store.failTraining(work.id, 'lost');
	}
}

async function loadTraining(deps: Deps, trainingId: string): Promise<TrainingWork> {
	const stored = await deps.store.trainingWork(trainingId);
	return { ...stored, endpoint: deps.engine.trainer, steps: deps.engine.trainerSteps };
}

const sideOf = (deps: Deps, work: TrainingWork) => ({
	record: (request: ProviderRequest) => deps.store.recordTrainingRequest(work.id, request),
	find: () => deps.trainer.find(work),
	cancel: (request: ProviderRequest) => deps.trainer.cancel(request),
});

/** The answer to the submit was lost. Past the deadline the training has failed, and its credit is back. */
async function findRequest(deps: Deps, work: TrainingWork): Promise<ProviderRequest | null> {
	if (work.submittedAt === null) return null;
	const found = await findSubmitted(sideOf(deps, work));
	if (!found && hasPassed(work.submittedAt, pace.trainingUnconfirmed, deps.clock.now()))
		await deps.store.failTraining(work.id, 'unconfirmed');
	return found;
}

async function putDataset(deps: Deps, work: TrainingWork): Promise<void> {
	if ((await deps.objects.head('datasets', work.datasetKey)) !== null) return;
	async function* files() {
		for (const [index, photo] of work.photos.entries())
			yield {
				name: `${String(index + 1).padStart(2, '0')}.${photo.storageKey.split('.').at(-1)}`,
				bytes: await deps.objects.read('photos', photo.storageKey),
			};
	}
	await deps.objects.put('datasets', work.datasetKey, deps.zip(files()), 'application/zip');
}

async function bringWeightsHome(
	deps: Deps,
	work: TrainingWork,
	outcome: TrainingOutcome & { kind: 'succeeded' },
): Promise<void> {
	const file = await deps.files.fetch(outcome.weightsUrl, largestFile.weights);
	const stored = await deps.objects.put(
		'loras',
		work.loraKey,
		file.body,
		'application/octet-stream',
	);
	if (outcome.bytes !== null && outcome.bytes !== stored.bytes)
		throw new TryAgain('the weights did not arrive whole');
	await deps.store.recordLora(work.id, stored);
}

function isOver(status: TrainingStatus): boolean {
	return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}
