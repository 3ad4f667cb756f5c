import type { FalClient } from '@fal-ai/client';
import type { FluxLoraInput } from '@fal-ai/client/endpoints';
import { z } from 'zod';
import type { ImageOutcome } from '../../domain/generation.ts';
import type { ImageGenerator } from '../../domain/ports.ts';
import { undeliveredReasonOf } from './failure.ts';
import { cancel, findByInput, standingOf } from './request.ts';
import { submit, type SubmitConfig } from './submit.ts';

const side = z.number().int().positive().nullish();
const output = z.object({
	images: z.tuple([z.object({ url: z.url(), width: side, height: side })], z.unknown()),
	has_nsfw_concepts: z.array(z.boolean()).nullish(),
});
const input = z.object({
	prompt: z.string(),
	seed: z.number(),
	loras: z.array(z.object({ path: z.string() })),
});

/** Speaks the words of `fal-ai/flux-lora` and of endpoints with the same schema. One picture a request. */
export function falGenerator(
	config: SubmitConfig & { apiUrl: string },
	client: FalClient,
): ImageGenerator {
	return {
		submit(work, loraUrl, webhookUrl) {
			const asked = {
				prompt: work.prompt,
				loras: [{ path: loraUrl, scale: 1 }],
				image_size: { width: work.width, height: work.height },
				seed: work.seed,
				num_images: 1,
				num_inference_steps: 28,
				guidance_scale: 3.5,
				output_format: 'jpeg',
				enable_safety_checker: true,
			} satisfies FluxLoraInput;
			return submit(config, work.endpoint, asked, webhookUrl, undeliveredReasonOf);
		},

		async check(request): Promise<ImageOutcome> {
			const standing = await standingOf(client, request, false);
			switch (standing.kind) {
				case 'waiting':
				case 'running':
					return { kind: 'waiting' };
				case 'gone':
					return standing;
				case 'failed':
					return {
						kind: 'failed',
						code: undeliveredReasonOf(standing.fault),
						detail: `${standing.fault.type} (${standing.fault.status})`,
						retryable: standing.fault.retryable,
					};
				case 'completed':
					return generated(standing.output);
			}
		},

		find: (work) =>
			findByInput(config, work.endpoint, (asked) => {
				const { data } = input.safeParse(asked);
				const { loraKey } = work;
				return (
					loraKey !== null &&
					data?.seed === work.seed &&
					data.prompt === work.prompt &&
					data.loras.some(({ path }) => path.includes(loraKey))
				);
			}),

		cancel: async (request) => void (await cancel(client, request)),
	};
}

function generated(answer: unknown): ImageOutcome {
	const { data } = output.safeParse(answer);
	if (!data)
		return {
			kind: 'failed',
			code: 'broken',
			detail: 'an output without a picture',
			retryable: true,
		};
	const [image] = data.images;
	return {
		kind: 'done',
		url: image.url,
		width: image.width ?? null,
		height: image.height ?? null,
		isFlagged: data.has_nsfw_concepts?.[0] ?? false,
	};
}
