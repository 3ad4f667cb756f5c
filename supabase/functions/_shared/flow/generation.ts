/** Generation: one request, one portrait. Only a good one is delivered, and only a delivered one is paid. */
import { giveBack } from '../domain/bytes.ts';
import { undeliveredReason } from '../domain/failure.ts';
import {
	pictureKey,
	type GenerationStatus,
	type GenerationWork,
	type PictureType,
} from '../domain/generation.ts';
import type { ObjectStore } from '../domain/ports.ts';
import type { ProviderRequest } from '../domain/provider-request.ts';
import type { StoredGeneration } from '../domain/generation.ts';
import { unlessErased } from './deletion.ts';
import type { Deps } from './deps.ts';
import { hasPassed, largestFile, pace } from './pace.ts';
import { type Gate, gate } from './parallel.ts';
import { findSubmitted, submitOnce } from './submission.ts';

/** Plans more portraits from the lora, or the photos, that are there. The same request id plans once. */
export async function generateHeadshots(
	deps: Pick<Deps, 'store' | 'mustRun'>,
	ownerId: string,
	plan: { shootId: string; styleIds: readonly string[]; count: number; requestId: string },
): Promise<number> {
	deps.mustRun(await deps.store.engineOf(ownerId, plan.shootId));
	return deps.store.planHeadshots(ownerId, plan);
}

/** Asks the generator for one portrait, at most once. */
export async function submitGeneration(deps: Deps, generationId: string): Promise<void> {
	await submitOnce(
		() => beginSubmit(deps, generationId),
		({ work, loraUrl }) => ({
			...sideOf(deps, work),
			send: () =>
				deps.generator.submit(work, loraUrl, `${deps.addresses.falWebhook}?generation=${work.id}`),
			clear: () => deps.store.clearGenerationSubmit(work),
			refuse: (code) => deps.store.failGeneration(work, undeliveredReason(code), false),
		}),
	);
}

async function beginSubmit(
	deps: Deps,
	generationId: string,
): Promise<{ work: GenerationWork; loraUrl: string } | null> {
	const stored = await deps.store.beginGenerationSubmit(generationId);
	if (stored === null) return null;
	if (!stored.isPermitted) {
		await deps.store.failGeneration(stored, 'not_permitted', false);
		return null;
	}
	if (stored.loraKey === null) throw new Error('there is no model to ask');
	try {
		const loraUrl = await signedLora(deps, stored.loraKey);
		return { work: { ...stored, endpoint: deps.engine.generator }, loraUrl };
	} catch (error) {
		await deps.store.clearGenerationSubmit(stored);
		throw error;
	}
}

/** Signed once for the portraits of a round: a signature outlives the provider's queue by hours. */
const signedLoras = new WeakMap<ObjectStore, Map<string, { url: string; signedAt: Date }>>();

async function signedLora({ objects, clock }: Deps, loraKey: string): Promise<string> {
	const known = signedLoras.get(objects) ?? new Map();
	signedLoras.set(objects, known);
	const now = clock.now();
	for (const [key, { signedAt }] of known)
		if (hasPassed(signedAt, pace.loraUrlReuse, now)) known.delete(key);
	const url = known.get(loraKey)?.url ?? (await objects.readUrl('loras', loraKey, pace.loraUrl));
	if (!known.has(loraKey)) known.set(loraKey, { url, signedAt: now });
	return url;
}

/** Asks about the portrait; when it is there: fetch, check, mark, store, capture. */
export async function collectGeneration(
	deps: Deps,
	generationId: string,
	requestId?: string,
): Promise<void> {
	const work = await unlessErased(deps, requestId, () => loadGeneration(deps, generationId));
	if (work === null) return;
	const request = work.request ?? (await findRequest(deps, work));
	if (request === null || isOver(work.status)) return;
	if (!work.isPermitted) {
		await deps.generator.cancel(request);
		return deps.store.failGeneration(work, 'not_permitted', false);
	}
	const outcome = await deps.generator.check(request);
	switch (outcome.kind) {
		case 'waiting':
			if (!hasPassed(work.submittedAt, pace.generationDeadline, deps.clock.now())) return;
			await deps.generator.cancel(request);
			return deps.store.failGeneration(work, 'unavailable', true);
		case 'done':
			return outcome.isFlagged
				? deps.store.failGeneration(work, 'flagged', true)
				: developHeadshot(deps, work, await fetchPicture(deps, outcome.url), 'image/jpeg');
		case 'failed':
			return deps.store.failGeneration(work, undeliveredReason(outcome.code), outcome.retryable);
		case 'gone':
			return deps.store.failGeneration(work, 'unavailable', true);
	}
}

async function loadGeneration(deps: Deps, generationId: string): Promise<GenerationWork> {
	const stored = await deps.store.generationWork(generationId);
	return { ...stored, endpoint: deps.engine.generator };
}

const sideOf = (deps: Deps, work: GenerationWork) => ({
	record: (request: ProviderRequest) => deps.store.recordGenerationRequest(work, request),
	find: () => deps.generator.find(work),
	cancel: (request: ProviderRequest) => deps.generator.cancel(request),
});

/** As for a training: look, never send again; past the deadline its credit is back. */
async function findRequest(deps: Deps, work: GenerationWork): Promise<ProviderRequest | null> {
	if (work.submittedAt === null) return null;
	const found = await findSubmitted(sideOf(deps, work));
	if (!found && hasPassed(work.submittedAt, pace.generationUnconfirmed, deps.clock.now()))
		await deps.store.failGeneration(work, 'unavailable', false);
	return found;
}

async function fetchPicture(deps: Deps, url: string): Promise<Uint8Array> {
	const file = await deps.files.fetch(url, largestFile.portrait);
	return new Uint8Array(await new Response(file.body).arrayBuffer());
}

/** One for all of an instance: they share its memory. */
const gates = new WeakMap<Deps, Gate>();

function gateOf(deps: Deps): Gate {
	const known = gates.get(deps) ?? gate(pace.parallelDeveloping);
	gates.set(deps, known);
	return known;
}

/**
 * Check, mark, store, capture: the way of every portrait once its bytes are here, never encoded anew; afterwards they
 * are given back. `keep` is how often storing it is tried here and now.
 */
export async function developHeadshot(
	deps: Deps,
	work: StoredGeneration,
	bytes: Uint8Array,
	contentType: PictureType,
	keep: <T>(act: () => Promise<T>) => Promise<T> = (act) => act(),
): Promise<void> {
	const kept = await gateOf(deps)(async () => {
		const developed = await deps.pictures.develop(bytes);
		if (developed.kind !== 'good') return developed.kind;
		const mark = {
			id: work.id,
			createdAt: work.submittedAt ?? deps.clock.now(),
			kind: work.edit === null ? ('generated' as const) : ('edited' as const),
		};
		const put = async (key: string, file: Uint8Array, type: PictureType) => {
			const marked = await deps.mark(file, mark);
			const stored = await keep(() => deps.objects.putOnce('headshots', key, marked, type));
			giveBack(marked);
			return stored;
		};
		const [picture, thumbnail] = await Promise.all([
			put(pictureKey(work, contentType), bytes, contentType),
			put(work.thumbnailKey, developed.thumbnail, 'image/jpeg'),
		]);
		giveBack(bytes);
		const { width, height } = developed;
		return { width, height, picture, contentType, thumbnail };
	});
	// A black frame is what the generator's own safety check leaves behind.
	if (kept === 'black') return deps.store.failGeneration(work, 'flagged', true);
	if (kept === 'broken') return deps.store.failGeneration(work, 'broken', true);
	// False for one that was given up meanwhile: the store then has the files deleted.
	await keep(() => deps.store.deliverHeadshot(work, kept));
}

function isOver(status: GenerationStatus): boolean {
	return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}
