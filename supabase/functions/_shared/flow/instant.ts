/**
 * Instant: one portrait from the pictures themselves, asked for and answered in one call. An answer that
 * nobody takes is lost and paid for, so the request is written down before it leaves: one that was not
 * answered is made once more, and never again. A picture that has come is held until it is stored, for a while.
 */
import { giveBack } from '../domain/bytes.ts';
import type { EditKind } from '../domain/edit.ts';
import type { StoredReference } from '../domain/generation.ts';
import type { Deps } from './deps.ts';
import { developHeadshot } from './generation.ts';
import { inParallel } from './parallel.ts';
import { TryAgain } from './try-again.ts';
import { insist } from './waiting.ts';

/** Shows the generator the person's pictures, waits for the portrait, checks, marks, stores, captures. */
export async function makePortrait(deps: Deps, generationId: string): Promise<void> {
	const before = await deps.store.generationWork(generationId);
	if (before.status !== 'queued' && before.status !== 'running') return;
	// Before anything is written down: a store that does not answer costs no try.
	const read = before.isPermitted ? await readReferences(deps, before.references) : [];
	const work = await deps.store.beginPortrait(generationId, await deps.instant.model());
	if (work === null) return;
	if (!work.isPermitted) return deps.store.failGeneration(work, 'not_permitted', false);
	// What was deleted meanwhile is not shown.
	const references = read.filter(({ key }) =>
		work.references.some(({ storageKey }) => storageKey === key),
	);
	if (references.length === 0) {
		await deps.store.recordAnswer(work.id, work.attempt, 'empty', null);
		return deps.store.failGeneration(work, 'photos_gone', false);
	}

	const answer = await deps.instant.make({ prompt: work.prompt, references });
	for (const { bytes } of read) giveBack(bytes);
	const pause = answer.kind === 'busy' ? answer.pauseSeconds : null;
	await insist(deps.clock, () =>
		deps.store.recordAnswer(work.id, work.attempt, answer.kind, pause),
	);
	switch (answer.kind) {
		case 'made':
			return developHeadshot(deps, work, answer.picture, answer.contentType, (act) =>
				insist(deps.clock, act),
			);
		case 'busy':
			throw new TryAgain(answer.detail, answer.pauseSeconds);
		case 'declined':
			return deps.store.failGeneration(work, answer.reason, false);
		case 'empty':
			return deps.store.failGeneration(work, answer.reason, true);
		case 'lost':
			return deps.store.failGeneration(work, 'unavailable', true);
	}
}

/** One change of one portrait that is there, on either engine's. */
export async function editHeadshot(
	deps: Pick<Deps, 'store' | 'mustRun'>,
	ownerId: string,
	plan: { headshotId: string; edit: EditKind; styleId: string | null; requestId: string },
): Promise<string> {
	deps.mustRun('instant');
	return deps.store.planEdit(ownerId, plan);
}

function readReferences({ objects }: Deps, references: readonly StoredReference[]) {
	return inParallel(references, 5, async ({ bucket, storageKey, contentType }) => ({
		key: storageKey,
		contentType,
		bytes: await objects.read(bucket, storageKey),
	}));
}
