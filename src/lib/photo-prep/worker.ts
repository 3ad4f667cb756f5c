/// <reference lib="webworker" />
import { preparePhoto } from './prepare.ts';
import type { Preparation } from './preparation.ts';

self.addEventListener('message', async ({ data: file }: MessageEvent<File>) => {
	self.postMessage(await outcome(file));
});

async function outcome(file: File): Promise<Preparation> {
	try {
		return await preparePhoto(file);
	} catch {
		return { kind: 'refused', reason: 'device' };
	}
}
