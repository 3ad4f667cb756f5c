/** Gemini as our port sees it: the portrait is in its answer, and lost, and paid for, when nobody is there to take it. */
import type { InstantAnswer, InstantGenerator } from '#domain/instant.ts';
import type { Schedule } from '../schedule.ts';
import type { Weather } from './weather.ts';

/** One that was worked on: whose pictures it was shown. */
export type GeminiRequest = { ownerId: string; at: number };

export type Gemini = InstantGenerator & { requests: GeminiRequest[] };

export function geminiOf(
	schedule: Schedule,
	weather: Weather,
	ownerOf: (picture: Uint8Array) => string | null,
	/** Asked at the moment that a request arrives; `isWorkedOn`: it is paid for. */
	seen: (ownerId: string, isWorkedOn: boolean) => Promise<void>,
): Gemini {
	const { random } = weather;
	const requests: GeminiRequest[] = [];
	/** As it asked everybody to wait. */
	let busyUntil = 0;

	const answerOf = (prompt: string): InstantAnswer => {
		if (weather.strikes('blocked'))
			return random.chance(0.5)
				? { kind: 'declined', reason: 'declined', detail: 'blocked: SAFETY' }
				: { kind: 'declined', reason: 'flagged', detail: 'finished: IMAGE_SAFETY' };
		if (weather.strikes('empty'))
			return { kind: 'empty', reason: 'no_picture', detail: 'finished: NO_IMAGE' };
		if (weather.strikes('silent')) return { kind: 'lost', detail: '504' };
		const text = weather.strikes('black')
			? 'black'
			: weather.strikes('F-23')
				? 'x'
				: `portrait of ${requests.length} ${prompt.slice(0, 20)} ${random.hex(8)}`;
		return {
			kind: 'made',
			picture: new TextEncoder().encode(text),
			contentType: random.chance(0.5) ? 'image/png' : 'image/jpeg',
		};
	};

	return {
		requests,
		model: async () => 'gemini-image',
		async make({ prompt, references }) {
			const [first] = references;
			const ownerId = (first && ownerOf(first.bytes)) ?? 'nobody';
			if (schedule.now >= busyUntil && weather.strikes('quota'))
				busyUntil = schedule.now + random.between(5, 90) * 1000;
			const isBusy = schedule.now < busyUntil;
			await seen(ownerId, !isBusy);
			if (isBusy) {
				const pauseSeconds = Math.ceil((busyUntil - schedule.now) / 1000);
				return { kind: 'busy', pauseSeconds, detail: '429 RESOURCE_EXHAUSTED' };
			}
			requests.push({ ownerId, at: schedule.now });
			return answerOf(prompt);
		},
	};
}
