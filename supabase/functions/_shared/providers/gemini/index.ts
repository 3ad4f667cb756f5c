/**
 * Gemini by `generateContent` alone: the photos travel inside the request, and nothing is stored there by
 * our doing: no Files API, no interactions (which keep state), no search.
 */
import type { InstantGenerator } from '../../domain/instant.ts';
import { whole } from '../../domain/bytes.ts';
import { faultOf, outcomeOf } from './answer.ts';
import { requestBody } from './request.ts';

export type GeminiConfig = {
	key: string;
	baseUrl: string;
	/** In the path: v1, v1beta. */
	apiVersion: string;
	/** The first of these that exists is asked: an image model lives 5 to 13 months. */
	models: readonly string[];
	aspectRatio: string;
	imageSize: string;
	/** Of one portrait. */
	timeoutMs: number;
	/** Bytes of an answer, a picture in base64. */
	maxAnswer: number;
};

/** None of the models is there (any more). */
export class NoModel extends Error {
	constructor(models: readonly string[]) {
		super(`Gemini has none of these models: ${models.join(', ')}`);
		this.name = 'NoModel';
	}
}

export function geminiGenerator(config: GeminiConfig): InstantGenerator {
	const { baseUrl, apiVersion, key } = config;
	const modelUrl = (model: string) => `${baseUrl}/${apiVersion}/models/${model}`;
	const headers = { 'x-goog-api-key': key, 'content-type': 'application/json' };
	let chosen: Promise<string> | null = null;

	async function choose(): Promise<string> {
		for (const model of config.models) {
			const response = await fetch(modelUrl(model), {
				headers,
				signal: AbortSignal.timeout(10_000),
			});
			await response.body?.cancel();
			if (response.ok) return model;
			if (response.status !== 404) throw new Error(`Gemini answered ${response.status}`);
		}
		throw new NoModel(config.models);
	}

	async function model(): Promise<string> {
		chosen ??= choose();
		try {
			return await chosen;
		} catch (error) {
			chosen = null;
			throw error;
		}
	}

	return {
		model,
		async make(request) {
			let response: Response;
			let bytes: Uint8Array<ArrayBuffer>;
			const url = await model().then(modelUrl, () => null);
			if (url === null) return { kind: 'busy', pauseSeconds: 5, detail: 'no model was found' };
			try {
				response = await fetch(`${url}:generateContent`, {
					method: 'POST',
					headers,
					// Not a string: Deno by itself sends a replayable body again when a kept-alive connection breaks.
					body: new Blob([requestBody(request, config)]),
					signal: AbortSignal.timeout(config.timeoutMs),
				});
				bytes = response.body ? await whole(response.body, config.maxAnswer) : new Uint8Array();
			} catch (error) {
				// It has left: whether it was worked on, and paid for, nobody knows.
				return { kind: 'lost', detail: error instanceof Error ? error.name : 'unknown' };
			}
			if (response.ok) return outcomeOf(bytes);
			// Retired between the look and the request: the next try looks again.
			if (response.status === 404) chosen = null;
			return faultOf(response.status, bytes, response.headers);
		},
	};
}
