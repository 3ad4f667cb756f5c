import type { Clock } from '../domain/ports.ts';

export const systemClock: Clock = {
	now: () => new Date(),
	every(seconds, act) {
		const timer = setInterval(act, seconds * 1000);
		return () => clearInterval(timer);
	},
	pause(milliseconds) {
		let timer: ReturnType<typeof setTimeout> | undefined;
		const over = new Promise<void>((resolve) => {
			timer = setTimeout(resolve, milliseconds);
		});
		return { over, cancel: () => clearTimeout(timer) };
	},
};
