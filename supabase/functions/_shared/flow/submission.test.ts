import { expect, test } from 'vitest';
import type { Submission } from '../domain/ports.ts';
import { submitOnce } from './submission.ts';
import { TryAgain } from './try-again.ts';

const request = {
	endpoint: 'fal-ai/flux-lora',
	requestId: 'r1',
	statusUrl: 's',
	responseUrl: 'r',
	cancelUrl: 'c',
};

function recording(mayBegin: boolean, submission: Submission) {
	const steps: string[] = [];
	return {
		steps,
		submit: () =>
			submitOnce({
				begin: async () => (steps.push('begin'), mayBegin),
				send: async () => (steps.push('send'), submission),
				record: async ({ requestId }) => void steps.push(`record ${requestId}`),
				clear: async () => void steps.push('clear'),
				refuse: async (code) => void steps.push(`refuse ${code}`),
			}),
	};
}

test('the mark is made before the request leaves, and its answer is recorded', async () => {
	const { steps, submit } = recording(true, { kind: 'accepted', request });
	await submit();
	expect(steps).toEqual(['begin', 'send', 'record r1']);
});

test('who does not get the mark sends nothing', async () => {
	const { steps, submit } = recording(false, { kind: 'accepted', request });
	await submit();
	expect(steps).toEqual(['begin']);
});

test('without an answer the mark stays, so that nothing is sent again', async () => {
	const { steps, submit } = recording(true, { kind: 'unknown', detail: 'timeout' });
	await submit();
	expect(steps).toEqual(['begin', 'send']);
});

test('a provider that is busy is asked again, when it said so', async () => {
	const { steps, submit } = recording(true, { kind: 'busy', retryAfterSeconds: 7 });
	await expect(submit()).rejects.toEqual(new TryAgain('the provider is busy', 7));
	expect(steps).toEqual(['begin', 'send', 'clear']);
});

test('what a provider refuses has failed', async () => {
	const { steps, submit } = recording(true, { kind: 'refused', code: 'no_face', detail: '' });
	await submit();
	expect(steps).toEqual(['begin', 'send', 'refuse no_face']);
});
