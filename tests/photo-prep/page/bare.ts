/** As many bare workers as the pool has; files in, milliseconds out. */
declare global {
	interface Window {
		elapsed: Promise<number> | undefined;
	}
}

const size = Math.min(4, Math.max(2, navigator.hardwareConcurrency));
const workers = Array.from(
	{ length: size },
	() => new Worker(new URL('./bare-worker.ts', import.meta.url), { type: 'module' }),
);

document.querySelector('input')?.addEventListener('change', ({ currentTarget }) => {
	if (!(currentTarget instanceof HTMLInputElement)) return;
	window.elapsed = timed([...(currentTarget.files ?? [])]);
});

async function timed(files: File[]): Promise<number> {
	const started = performance.now();
	await Promise.all(
		workers.map(async (worker) => {
			for (let file = files.shift(); file; file = files.shift()) {
				const answered = new Promise((done) =>
					worker.addEventListener('message', done, { once: true }),
				);
				worker.postMessage(file);
				await answered;
			}
		}),
	);
	return performance.now() - started;
}

export {};
