import { z } from 'zod';
import { largestFile, pace } from '../flow/pace.ts';
import type { Section } from './env-section.ts';

export type GeminiSettings = {
	generator: {
		key: string;
		baseUrl: string;
		apiVersion: string;
		/** The first that exists is asked. */
		models: string[];
		aspectRatio: string;
		imageSize: string;
		timeoutMs: number;
		maxAnswer: number;
	};
	/** Requests that wait for an answer, and those that leave in a minute, of all runners together. */
	capacity: number;
	perMinute: number;
};

/** Said as missing while there is a key, but not one of the paid tier. */
export const paidTier = 'GEMINI_TIER=paid';

const text = z.string().min(1);
const count = z.coerce.number().int().positive();

/** Open only for a key of the paid tier: on the other one Google may use what it is shown. */
export function geminiSection({
	raw,
	optional,
}: {
	raw(name: string): string | undefined;
	optional<T>(name: string, kind: z.ZodType<T>, otherwise: string): T;
}): Section<GeminiSettings> {
	const key = raw('GEMINI_API_KEY');
	if (key === undefined) return { isOpen: false, missing: ['GEMINI_API_KEY'] };
	if (raw('GEMINI_TIER') !== 'paid') return { isOpen: false, missing: [paidTier] };
	const url = z.url({ protocol: /^https?$/ }).transform((value) => value.replace(/\/+$/, ''));
	return {
		isOpen: true,
		generator: {
			key,
			baseUrl: optional('GEMINI_BASE_URL', url, 'https://generativelanguage.googleapis.com'),
			apiVersion: optional('GEMINI_API_VERSION', z.enum(['v1', 'v1beta']), 'v1'),
			models: [
				optional('GEMINI_MODEL', text, 'gemini-nano-banana-2.1'),
				optional('GEMINI_FALLBACK_MODEL', text, 'gemini-3-pro-image'),
			],
			aspectRatio: optional('GEMINI_ASPECT_RATIO', text, '4:5'),
			imageSize: optional('GEMINI_IMAGE_SIZE', text, '1K'),
			timeoutMs: pace.instantAnswer * 1000,
			maxAnswer: largestFile.instantAnswer,
		},
		capacity: optional('GEMINI_CONCURRENCY', count, '10'),
		perMinute: optional('GEMINI_IMAGES_PER_MINUTE', count, '10'),
	};
}
