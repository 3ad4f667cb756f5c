import { expect, test } from 'vitest';
import { trainingFailure, undeliveredReason } from './failure.ts';

test('a code that nobody knows reads as a fault of the service', () => {
	expect(trainingFailure('toString')).toBe('unavailable');
	expect(trainingFailure('CUDA out of memory')).toBe('unavailable');
	expect(undeliveredReason('something new')).toBe('unavailable');
});

test('our own codes stay what they are', () => {
	expect(trainingFailure('no_face')).toBe('no_face');
	expect(undeliveredReason('flagged')).toBe('flagged');
});
