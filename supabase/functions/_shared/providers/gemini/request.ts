/** The one body that is sent. */
import { Buffer } from 'node:buffer';
import type { InstantRequest } from '../../domain/instant.ts';

/** Bytes of all pictures in one request, as base64: an inline request may have about 20 MB. */
export const mostInline = 18_000_000;

/** Pictures in their order, as many as fit; the first always does: a photo has 5 MB at most. */
export function requestBody(
	{ prompt, references }: InstantRequest,
	{ aspectRatio, imageSize }: { aspectRatio: string; imageSize: string },
): string {
	const parts: object[] = [{ text: prompt }];
	let room = mostInline;
	for (const { contentType, bytes } of references) {
		const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
		if (data.length > room) continue;
		room -= data.length;
		parts.push({ inlineData: { mimeType: contentType, data } });
	}
	return JSON.stringify({
		contents: [{ role: 'user', parts }],
		generationConfig: {
			responseModalities: ['IMAGE'],
			imageConfig: { aspectRatio, imageSize },
		},
	});
}
