import { expect, test } from 'vitest';
import { Overloaded, pressureGate } from './pressure.ts';

const held = () => {
	let open: () => void = () => undefined;
	const gate = new Promise<void>((resolve) => (open = resolve));
	return { gate, open };
};

test('one more than may be inside is refused at once, and let in when there is room again', async () => {
	const enter = pressureGate({ atOnce: 2, patience: 10_000, pause: 0 });
	const { gate, open } = held();
	const inside = [enter(() => gate), enter(() => gate)];
	await expect(enter(() => gate)).rejects.toBeInstanceOf(Overloaded);
	open();
	await Promise.all(inside);
	expect(await enter(async () => 'in')).toBe('in');
});

test('who waits in vain is told so, still counts as inside, and nobody follows for a while', async () => {
	const enter = pressureGate({ atOnce: 2, patience: 5, pause: 10_000 });
	const { gate, open } = held();
	await expect(enter(() => gate)).rejects.toBeInstanceOf(Overloaded);
	await expect(enter(async () => 'in')).rejects.toBeInstanceOf(Overloaded);
	open();
});

test('what fails inside fails as it did, and leaves its place', async () => {
	const enter = pressureGate({ atOnce: 1, patience: 1000, pause: 0 });
	await expect(enter(() => Promise.reject(new Error('its own')))).rejects.toThrow('its own');
	expect(await enter(async () => 'in')).toBe('in');
});
