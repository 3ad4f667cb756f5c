import { expect, test } from 'vitest';
import type { Submission } from '../domain/provider-request.ts';
import { findSubmitted, submitOnce } from './submission.ts';
import { TryAgain } from './try-again.ts';

const request = {
	endpoint: 'fal-ai/flux-lora',
	requestId: 'r1',
	statusUrl: 's',
	responseUrl: 'r',
	cancelUrl: 'c',
};

function recording(told: { mayBegin?: boolean; isWanted?: boolean; submission?: Submission }) {
	const steps: string[] = [];
	const begin = async () => (steps.push('begin'), (told.mayBegin ?? true) ? {} : null);
	const side = {
		send: async () => (
			steps.push('send'),
			told.submission ?? { kind: 'accepted' as const, request }
		),
		record: async ({ requestId }: typeof request) => (
			steps.push(`record ${requestId}`),
			told.isWanted ?? true
		),
		clear: async () => void steps.push('clear'),
		refuse: async (code: string) => void steps.push(`refuse ${code}`),
		find: async () => (steps.push('find'), request),
		cancel: async ({ requestId }: typeof request) => void steps.push(`cancel ${requestId}`),
	};
	return { steps, begin, side };
}

test('the mark is made before the request leaves, and its answer is recorded', async () => {
	const { steps, begin, side } = recording({});
	await submitOnce(begin, () => side);
	expect(steps).toEqual(['begin', 'send', 'record r1']);
});

test('who does not get the mark sends nothing', async () => {
	const { steps, begin, side } = recording({ mayBegin: false });
	await submitOnce(begin, () => side);
	expect(steps).toEqual(['begin']);
});

test('without an answer the mark stays, so that nothing is sent again', async () => {
	const { steps, begin, side } = recording({ submission: { kind: 'unknown', detail: 'timeout' } });
	await submitOnce(begin, () => side);
	expect(steps).toEqual(['begin', 'send']);
});

test('a provider that is busy is asked again, when it said so', async () => {
	const { steps, begin, side } = recording({
		submission: { kind: 'busy', retryAfterSeconds: 7, detail: 'fal answered 429' },
	});
	await expect(submitOnce(begin, () => side)).rejects.toEqual(new TryAgain('fal answered 429', 7));
	expect(steps).toEqual(['begin', 'send', 'clear']);
});

test('what a provider refuses has failed', async () => {
	const { steps, begin, side } = recording({
		submission: { kind: 'refused', code: 'no_face', detail: '' },
	});
	await submitOnce(begin, () => side);
	expect(steps).toEqual(['begin', 'send', 'refuse no_face']);
});

test('a request that was taken while its work was called off is cancelled', async () => {
	const { steps, begin, side } = recording({ isWanted: false });
	await submitOnce(begin, () => side);
	expect(steps).toEqual(['begin', 'send', 'record r1', 'cancel r1']);
});

test('a request whose answer was lost is found and recorded, and not sent again', async () => {
	const { steps, side } = recording({});
	expect(await findSubmitted(side)).toEqual(request);
	expect(steps).toEqual(['find', 'record r1']);
});

test('a lost request that nobody waits for any more is cancelled', async () => {
	const { steps, side } = recording({ isWanted: false });
	expect(await findSubmitted(side)).toBeNull();
	expect(steps).toEqual(['find', 'record r1', 'cancel r1']);
});
