/** What a page of the browser loads, in bytes as they came over the wire, headers included. */
import type { CDPSession, Page } from '@playwright/test';
import { z } from 'zod';

const response = z.object({
	requestId: z.string(),
	response: z.object({ url: z.string(), mimeType: z.string(), status: z.number() }),
});
const finished = z.object({ requestId: z.string(), encodedDataLength: z.number() });

export type Load = { url: string; mimeType: string; status: number; bytes: number };

/** Watches from now on; `loads` grows as they finish. */
export async function watchTraffic(page: Page): Promise<{ cdp: CDPSession; loads: Load[] }> {
	const cdp = await page.context().newCDPSession(page);
	const loads: Load[] = [];
	const answered = new Map<string, Omit<Load, 'bytes'>>();
	cdp.on('Network.responseReceived', (event) => {
		const { requestId, response: about } = response.parse(event);
		answered.set(requestId, about);
	});
	cdp.on('Network.loadingFinished', (event) => {
		const { requestId, encodedDataLength } = finished.parse(event);
		const about = answered.get(requestId);
		if (about) loads.push({ ...about, bytes: encodedDataLength });
	});
	await cdp.send('Network.enable');
	return { cdp, loads };
}

export const isScript = ({ mimeType }: Load): boolean => /javascript/.test(mimeType);
export const sum = (loads: readonly Load[]): number =>
	loads.reduce((bytes, load) => bytes + load.bytes, 0);
