/** The pool on a bare page: files in, outcomes out as plain data that a test can read. */
import { PreparationPool } from '$lib/photo-prep/pool.ts';
import type { Preparation } from '$lib/photo-prep/preparation.ts';

export type Outcome =
	| { name: string; kind: 'refused'; reason: string }
	| {
			name: string;
			kind: 'prepared';
			photo: string;
			thumbnail: string;
			width: number;
			height: number;
			sha256: string;
			likeness: string;
			removed: string[];
			advice: string[];
	  };

declare global {
	interface Window {
		outcomes: Promise<Outcome[]> | undefined;
	}
}

const pool = new PreparationPool();
pool.open();

document.querySelector('input')?.addEventListener('change', ({ currentTarget }) => {
	if (!(currentTarget instanceof HTMLInputElement)) return;
	const files = [...(currentTarget.files ?? [])];
	window.outcomes = Promise.all(
		files.map(async (file) => plain(file.name, await pool.prepare(file))),
	);
});

async function plain(name: string, outcome: Preparation): Promise<Outcome> {
	if (outcome.kind === 'refused') return { name, ...outcome };
	return {
		...outcome,
		name,
		photo: await base64(outcome.photo),
		thumbnail: await base64(outcome.thumbnail),
		likeness: String(outcome.likeness),
	};
}

async function base64(blob: Blob): Promise<string> {
	const reader = new FileReader();
	const read = new Promise((done) => reader.addEventListener('load', done, { once: true }));
	reader.readAsDataURL(blob);
	await read;
	return String(reader.result).split(',')[1] ?? '';
}
