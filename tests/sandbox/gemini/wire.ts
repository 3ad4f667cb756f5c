/** The wire format of `generateContent`, as strict as Google is: an unknown name is refused. */
import { z } from 'zod';

const inlineData = z.strictObject({
	mimeType: z.enum(['image/jpeg', 'image/png', 'image/webp']),
	data: z.base64(),
});
export const bodySchema = z.strictObject({
	contents: z
		.array(
			z.strictObject({
				role: z.enum(['user', 'model']).optional(),
				parts: z
					.array(z.union([z.strictObject({ text: z.string() }), z.strictObject({ inlineData })]))
					.min(1),
			}),
		)
		.min(1),
	generationConfig: z
		.strictObject({
			responseModalities: z.array(z.enum(['TEXT', 'IMAGE'])),
			imageConfig: z.strictObject({
				aspectRatio: z.enum([
					...(['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'] as const),
				]),
				imageSize: z.enum(['1K', '2K', '4K']),
			}),
		})
		.optional(),
});
export type Body = z.infer<typeof bodySchema>;

const statuses = {
	400: 'INVALID_ARGUMENT',
	403: 'PERMISSION_DENIED',
	404: 'NOT_FOUND',
	429: 'RESOURCE_EXHAUSTED',
	500: 'INTERNAL',
	503: 'UNAVAILABLE',
	504: 'DEADLINE_EXCEEDED',
} as const;

/** An error as Google's APIs write it. */
export const refusal = (
	code: keyof typeof statuses,
	message: string,
	details: readonly object[] = [],
): Response =>
	Response.json({ error: { code, message, status: statuses[code], details } }, { status: code });

export const keyInfo = {
	'@type': 'type.googleapis.com/google.rpc.ErrorInfo',
	reason: 'API_KEY_INVALID',
	domain: 'googleapis.com',
};

export const retryInfo = (seconds: number) => ({
	'@type': 'type.googleapis.com/google.rpc.RetryInfo',
	retryDelay: `${seconds}s`,
});

/** Width and height in pixels: the long side has 1024 at 1K. */
export function sizeOf({ aspectRatio, imageSize }: { aspectRatio: string; imageSize: string }) {
	const [across = 1, down = 1] = aspectRatio.split(':').map(Number);
	const area = (1024 * Number(imageSize[0])) ** 2;
	const height = Math.round(Math.sqrt((area * down) / across) / 16) * 16;
	return { width: Math.round((height * across) / down / 16) * 16, height };
}
