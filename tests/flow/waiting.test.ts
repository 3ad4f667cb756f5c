import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../sandbox/stack.ts';
import { aTrainableShoot, becomes, control, shootOf, startShoot, startWorld } from './world.ts';

let stack: Stack;
beforeAll(async () => {
	stack = await startWorld();
});
afterAll(() => stack?.stop());

test('a try that comes in a few seconds is waited for: no clock rings here, and the last portrait comes all the same', async () => {
	await control(stack.urls.fal, 'settings', { trainingMs: 100, imageMs: 50 });
	const { person, shootId } = await aTrainableShoot(stack);
	await control(stack.urls.fal, 'scenario', { name: 'busy429', only: 'generator', times: 3 });
	await startShoot(stack, person, shootId);
	await becomes(stack, shootId, 'ready');
	expect((await shootOf(stack, shootId)).status).toBe('ready');
});
