/** fal as our ports see it: a queue that runs, keeps results for a while, rings a bell, and can fail in every way. */
import type { GenerationWork, ImageOutcome } from '#domain/generation.ts';
import type { FileFetcher, ImageGenerator, ProviderEraser, Trainer } from '#domain/ports.ts';
import type { ProviderRequest, Submission } from '#domain/provider-request.ts';
import type { ProviderBooks } from '#domain/reconciliation.ts';
import type { TrainingOutcome, TrainingWork } from '#domain/training.ts';
import type { Schedule } from '../schedule.ts';
import type { Weather } from './weather.ts';

export type FalRequest = {
	id: string;
	kind: 'training' | 'generation';
	/** The row of ours that our address for the webhook names. */
	about: string;
	ownerId: string;
	/** What tells one request for a row from the next: the dataset, or the seed. */
	input: string;
	at: number;
	state: 'queued' | 'running' | 'completed';
	endedAt: number | null;
	/** What came of it. `stopped` never ran. */
	ending: 'good' | 'fault' | 'flagged' | 'stopped';
	/** Addresses of output files that are still there. */
	files: Set<string>;
	hasPayload: boolean;
};

export type Bell = { requestId: string; about: { training: string } | { generation: string } };

export type Fal = {
	requests: Map<string, FalRequest>;
	/** Cents. */
	cost: number;
	trainer: Trainer;
	generator: ImageGenerator;
	eraser: ProviderEraser;
	files: FileFetcher;
	books: ProviderBooks;
};

const price = { training: 250, generation: 3 };
const minutes = (count: number) => count * 60_000;
const endpointOf = (kind: FalRequest['kind']) => `fal/${kind}`;

export function falOf(
	schedule: Schedule,
	weather: Weather,
	/** Rings our door; rejects when nobody has answered. */
	ring: (bell: Bell) => Promise<unknown>,
	seen: (request: FalRequest) => Promise<void>,
): Fal {
	const { random } = weather;
	const requests = new Map<string, FalRequest>();
	const fal = { requests, cost: 0 };
	/** While it lasts nothing is taken, and nothing that was taken is lost. */
	let lockedUntil = 0;

	const address = (request: FalRequest): ProviderRequest => {
		const base = `https://queue.fal.test/${request.kind}/requests/${request.id}`;
		return {
			endpoint: endpointOf(request.kind),
			requestId: request.id,
			statusUrl: `${base}/status`,
			responseUrl: base,
			cancelUrl: `${base}/cancel`,
		};
	};
	const find = (about: string, input: string): ProviderRequest | null => {
		if (weather.strikes('F-14')) throw new Error('fal answered 500');
		// The list is by end time and only has requests whose payload is still there.
		const found = [...requests.values()].find(
			(one) =>
				one.about === about && one.input === input && one.hasPayload && one.state === 'completed',
		);
		return found ? address(found) : null;
	};

	const deliver = (request: FalRequest, tries: number, delay: number) =>
		schedule.after(delay, `fal rings for ${request.id}`, async () => {
			const about =
				request.kind === 'training' ? { training: request.about } : { generation: request.about };
			void ring({ requestId: request.id, about }).catch(() => {
				if (tries > 1) deliver(request, tries - 1, minutes(4));
			});
		});
	const announce = (request: FalRequest) => {
		if (weather.strikes('F-20')) return;
		const delay = weather.strikes('F-17')
			? minutes(random.between(30, 300))
			: weather.strikes('vanish')
				? minutes(random.between(7, 40))
				: random.between(50, 900);
		const times = weather.strikes('F-15') ? 10 : 1;
		for (let time = 0; time < times; time++)
			deliver(request, 10, delay + time * random.between(0, 400));
	};
	const end = (request: FalRequest) => {
		if (request.state === 'completed') return;
		request.state = 'completed';
		request.endedAt = schedule.now;
		if (request.ending === 'good' || request.ending === 'flagged') {
			const count = weather.strikes('F-21') ? 0 : weather.strikes('F-22') ? 3 : 1;
			for (let n = 0; n < count; n++) request.files.add(`https://fal.media/${request.id}/${n}`);
		}
		if (request.ending !== 'stopped') fal.cost += price[request.kind];
		announce(request);
	};
	const takes = (request: FalRequest) => {
		requests.set(request.id, request);
		const early = weather.strikes('F-16');
		const runs =
			request.kind === 'training' ? minutes(random.between(3, 12)) : random.between(4_000, 20_000);
		const waits = random.between(0, 3000);
		schedule.after(early ? 0 : waits, `fal starts ${request.id}`, () => {
			if (request.state === 'queued') request.state = 'running';
		});
		schedule.after(early ? 1 : waits + runs, `fal ends ${request.id}`, () => end(request));
	};
	const submit = async (
		kind: FalRequest['kind'],
		work: { id: string; ownerId: string },
		input: string,
	): Promise<Submission> => {
		if (weather.strikes('locked')) lockedUntil = schedule.now + minutes(random.between(5, 40));
		if (schedule.now < lockedUntil && !weather.isOver())
			return { kind: 'busy', retryAfterSeconds: 120, detail: 'fal answered 403 to our key' };
		if (weather.strikes('F-13'))
			return { kind: 'busy', retryAfterSeconds: random.between(1, 60), detail: 'fal answered 429' };
		if (weather.strikes('F-14')) return { kind: 'unknown', detail: 'fal answered 500' };
		if (weather.strikes('refused')) return { kind: 'refused', code: 'refused', detail: 'no' };
		const request: FalRequest = {
			id: `req-${requests.size + 1}-${random.hex(6)}`,
			kind,
			about: work.id,
			ownerId: work.ownerId,
			input,
			at: schedule.now,
			state: 'queued',
			endedAt: null,
			ending: weather.strikes('failed') ? 'fault' : weather.strikes('F-24') ? 'flagged' : 'good',
			files: new Set(),
			hasPayload: true,
		};
		await seen(request);
		takes(request);
		if (weather.strikes('F-12')) return { kind: 'unknown', detail: 'fal did not answer' };
		return { kind: 'accepted', request: address(request) };
	};
	const standing = (requestId: string): FalRequest | null => {
		if (weather.strikes('F-14')) throw new Error('fal answered 502');
		const found = requests.get(requestId);
		if (!found) return null;
		const ttl = weather.has('vanish') ? minutes(6) : minutes(60);
		const isGone = found.endedAt !== null && schedule.now - found.endedAt > ttl;
		return isGone ? null : found;
	};
	const cancel = (requestId: string): FalRequest | null => {
		const found = requests.get(requestId);
		if (!found || found.state === 'completed') return null;
		if (found.state === 'queued') {
			found.ending = 'stopped';
			end(found);
		}
		return found;
	};

	const trainer: Trainer = {
		submit: (work) => submit('training', work, inputOf.training(work)),
		async check({ requestId }): Promise<TrainingOutcome> {
			const found = standing(requestId);
			if (!found || !found.hasPayload) return { kind: 'gone' };
			if (found.state === 'queued') return { kind: 'waiting', position: 1 };
			if (found.state === 'running') return { kind: 'running', percent: 50 };
			const [weightsUrl] = found.files;
			if (found.ending !== 'good' && found.ending !== 'flagged')
				return { kind: 'failed', code: 'unavailable', detail: found.ending, retryable: true };
			if (!weightsUrl)
				return { kind: 'failed', code: 'lost', detail: 'no weights', retryable: false };
			return { kind: 'succeeded', weightsUrl, bytes: 60 };
		},
		find: async (work) => find(work.id, inputOf.training(work)),
		cancel: async ({ requestId }) => void cancel(requestId),
	};
	const generator: ImageGenerator = {
		submit: (work) => submit('generation', work, inputOf.generation(work)),
		async check({ requestId }): Promise<ImageOutcome> {
			const found = standing(requestId);
			if (!found || !found.hasPayload) return { kind: 'gone' };
			if (found.state !== 'completed') return { kind: 'waiting' };
			const [url] = found.files;
			if (found.ending === 'fault' || found.ending === 'stopped')
				return { kind: 'failed', code: 'unavailable', detail: found.ending, retryable: true };
			if (!url) return { kind: 'failed', code: 'broken', detail: 'no picture', retryable: true };
			return { kind: 'done', url, width: 896, height: 1120, isFlagged: found.ending === 'flagged' };
		},
		find: async (work) => find(work.id, inputOf.generation(work)),
		cancel: async ({ requestId }) => void cancel(requestId),
	};
	return Object.assign(fal, {
		trainer,
		generator,
		eraser: {
			async stop({ requestId }) {
				const found = cancel(requestId);
				return found === null || found.state === 'completed';
			},
			async forget(requestId) {
				if (weather.strikes('F-38')) throw new Error('fal answered 503');
				const found = requests.get(requestId);
				if (!found?.hasPayload) return { evidence: { status: 404 } };
				found.hasPayload = false;
				found.files.clear();
				return { evidence: { status: 200, cdn_delete_results: [] } };
			},
		} satisfies ProviderEraser,
		books: {
			async list(endpoint) {
				if (weather.strikes('F-14')) throw new Error('fal answered 500');
				const items = [...requests.values()]
					.filter(({ kind, state }) => endpointOf(kind) === endpoint && state === 'completed')
					.map((one) => ({
						requestId: one.id,
						endpoint,
						sentAt: new Date(one.at),
						holdsData: one.hasPayload,
					}));
				return { items: items.toReversed(), next: null };
			},
		} satisfies ProviderBooks,
		files: { fetch: async (url) => fetched(url, requests, weather) } satisfies FileFetcher,
	});
}

const inputOf = {
	training: (work: TrainingWork) => work.datasetKey,
	generation: (work: GenerationWork) => `${work.seed}`,
};

/** Weights are sixty bytes; a portrait says of itself whether it is good. */
function fetched(url: string, requests: Fal['requests'], weather: Weather) {
	const request = requests.get(url.split('/')[3] ?? '');
	if (!request?.files.has(url)) throw new Error('fal answered 404');
	const text =
		request.kind === 'training'
			? `weights of ${request.id}`.padEnd(60, '.')
			: weather.strikes('black')
				? 'black'
				: weather.strikes('F-23')
					? weather.random.pick(['<html>not here</html>', 'x', ''])
					: `portrait of ${request.id} ${request.input}`;
	if (weather.strikes('F-23'))
		throw new Error('a file of 10000000000 bytes where 25000000 are the most');
	const bytes = new TextEncoder().encode(text);
	const isCut = weather.strikes('cut');
	const body = new ReadableStream<Uint8Array>({
		start(controller) {
			controller.enqueue(bytes.slice(0, bytes.length >> 1));
			if (isCut) controller.error(new Error('the connection broke'));
			else {
				controller.enqueue(bytes.slice(bytes.length >> 1));
				controller.close();
			}
		},
	});
	return { body, bytes: bytes.length };
}
