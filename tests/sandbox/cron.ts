/** pg_cron of the sandbox: calls run-jobs and sweep, as a hosted project's schedules do, and never twice at once. */

type Cron = { stop(): Promise<void> };

const schedules = [
	{ name: 'run-jobs', everyMs: 1000 },
	{ name: 'sweep', everyMs: 5000 },
];

export function startCron(options: { functionsUrl: string; secret: string }): Cron {
	const ending = new AbortController();
	const running = schedules.map(({ name, everyMs }) => {
		let call = Promise.resolve();
		let isRunning = false;
		const timer = setInterval(() => {
			if (isRunning) return;
			isRunning = true;
			call = fetch(`${options.functionsUrl}/${name}`, {
				method: 'POST',
				headers: { 'x-cron-secret': options.secret, 'content-type': 'application/json' },
				body: '{}',
				signal: ending.signal,
			})
				.then(async (answer) => void (await answer.arrayBuffer()))
				// A call that failed is made again by the next tick; what is wrong stands in the functions' log.
				.catch(() => undefined)
				.finally(() => (isRunning = false));
		}, everyMs);
		return { timer, called: () => call };
	});
	return {
		async stop() {
			for (const { timer } of running) clearInterval(timer);
			ending.abort();
			await Promise.all(running.map(({ called }) => called()));
		},
	};
}
