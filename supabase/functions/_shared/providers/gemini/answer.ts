/** What Gemini answers, in our words. Its reasons: `BlockedReason` and `FinishReason` of its API. */
import { z } from 'zod';
import type { InstantAnswer } from '../../domain/instant.ts';
import { pictureIn, withoutPictures } from './inline.ts';

const part = z.object({
	thought: z.boolean().optional(),
	inlineData: z.object({ mimeType: z.string(), data: z.string() }).optional(),
});
const answer = z.object({
	candidates: z
		.array(
			z.object({
				content: z.object({ parts: z.array(part).default([]) }).optional(),
				finishReason: z.string().optional(),
			}),
		)
		.default([]),
	promptFeedback: z.object({ blockReason: z.string().optional() }).optional(),
});
const fault = z.object({
	error: z.object({
		status: z.string().default(''),
		details: z
			.array(
				z.looseObject({
					'@type': z.string(),
					retryDelay: z.string().optional(),
					reason: z.string().optional(),
				}),
			)
			.default([]),
	}),
});

type Fault = z.infer<typeof fault>['error'];

/** The last picture that is not a thought; a 200 without one is how a block is said. The bytes are used up. */
export function outcomeOf(bytes: Uint8Array<ArrayBuffer>): InstantAnswer {
	const said = answer.safeParse(jsonOf(withoutPictures(bytes))).data;
	const [candidate] = said?.candidates ?? [];
	const picture = candidate?.content?.parts.findLast(
		({ thought, inlineData }) => thought !== true && inlineData !== undefined,
	)?.inlineData;
	if (picture?.mimeType === 'image/png' || picture?.mimeType === 'image/jpeg')
		return {
			kind: 'made',
			picture: pictureIn(bytes, picture.data),
			contentType: picture.mimeType,
		};
	const block = said?.promptFeedback?.blockReason;
	if (block !== undefined)
		return block === 'OTHER'
			? { kind: 'empty', reason: 'refused', detail: `blocked: ${block}` }
			: { kind: 'declined', reason: 'declined', detail: `blocked: ${block}` };
	const finish = candidate?.finishReason ?? 'nothing';
	return /SAFETY|PROHIBITED|BLOCKLIST|SPII/.test(finish)
		? { kind: 'declined', reason: 'flagged', detail: `finished: ${finish}` }
		: { kind: 'empty', reason: 'no_picture', detail: `finished: ${finish}` };
}

/** Bounds of a pause that is asked for, seconds. */
const pause = { least: 1, most: 300, ofALimit: 15, ofAnOutage: 5 };

export function faultOf(status: number, bytes: Uint8Array, headers: Headers): InstantAnswer {
	const said = fault.safeParse(jsonOf(new TextDecoder().decode(bytes))).data?.error;
	const detail = `${status} ${said?.status ?? ''}`.trim();
	const busy = (otherwise: number): InstantAnswer => {
		const asked = askedPause(said?.details ?? [], headers) ?? otherwise;
		const pauseSeconds = Math.ceil(Math.min(Math.max(asked, pause.least), pause.most));
		return { kind: 'busy', pauseSeconds, detail };
	};
	switch (status) {
		case 400:
			return isAboutUs(said)
				? busy(pause.ofAnOutage)
				: { kind: 'declined', reason: 'refused', detail };
		case 429:
			return busy(pause.ofALimit);
		// It may have been worked on for as long as it may.
		case 504:
			return { kind: 'lost', detail };
		// A key that is not good, a model that is gone, an outage: nothing was made, and somebody has to look.
		default:
			return busy(pause.ofAnOutage);
	}
}

/** Our key or account, not the request. */
const isAboutUs = (said: Fault | undefined): boolean =>
	said?.status === 'FAILED_PRECONDITION' ||
	(said?.details.some(({ reason }) => reason === 'API_KEY_INVALID') ?? false);

/** RetryInfo's delay (`12.5s`), or the header's seconds. */
function askedPause(
	details: readonly { '@type': string; retryDelay?: string | undefined }[],
	headers: Headers,
): number | null {
	const info = details.find((one) => one['@type'].endsWith('google.rpc.RetryInfo'));
	const seconds = Number.parseFloat(info?.retryDelay ?? headers.get('retry-after') ?? '');
	return Number.isFinite(seconds) ? seconds : null;
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}
