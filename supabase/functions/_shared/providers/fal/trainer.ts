import type { FalClient } from '@fal-ai/client';
import type { FluxLoraPortraitTrainerInput } from '@fal-ai/client/endpoints';
import { z } from 'zod';
import type { Trainer } from '../../domain/ports.ts';
import type { TrainingOutcome } from '../../domain/training.ts';
import { trainingFailureOf } from './failure.ts';
import { cancel, findByInput, standingOf } from './request.ts';
import { submit, type SubmitConfig } from './submit.ts';

const file = z.object({ url: z.url(), file_size: z.number().int().positive().nullish() });
const output = z.object({ diffusers_lora_file: file });
const input = z.object({ images_data_url: z.string() });

/** Speaks the words of `fal-ai/flux-lora-portrait-trainer` and of endpoints with the same schema. */
export function falTrainer(config: SubmitConfig & { apiUrl: string }, client: FalClient): Trainer {
	return {
		submit(work, datasetUrl, webhookUrl) {
			const asked = {
				images_data_url: datasetUrl,
				trigger_phrase: work.triggerPhrase,
				steps: work.steps,
				subject_crop: true,
				multiresolution_training: true,
				// A mask is a map of the face: we make none.
				create_masks: false,
			} satisfies FluxLoraPortraitTrainerInput;
			return submit(config, work.endpoint, asked, webhookUrl, trainingFailureOf);
		},

		async check(request): Promise<TrainingOutcome> {
			const standing = await standingOf(client, request, true);
			switch (standing.kind) {
				case 'waiting':
				case 'gone':
					return standing;
				case 'running':
					return { kind: 'running', percent: percentOf(standing.logs) };
				case 'failed':
					return {
						kind: 'failed',
						code: trainingFailureOf(standing.fault),
						detail: `${standing.fault.type} (${standing.fault.status})`,
						retryable: standing.fault.retryable,
					};
				case 'completed':
					return trained(standing.output);
			}
		},

		find: (work) =>
			// The key of the dataset names the training, and its signed URL contains the key.
			findByInput(config, work.endpoint, (asked) =>
				Boolean(input.safeParse(asked).data?.images_data_url.includes(work.datasetKey)),
			),

		cancel: async (request) => void (await cancel(client, request)),
	};
}

function trained(answer: unknown): TrainingOutcome {
	const { data } = output.safeParse(answer);
	if (!data)
		return { kind: 'failed', code: 'lost', detail: 'an output without weights', retryable: false };
	const { url, file_size } = data.diffusers_lora_file;
	return { kind: 'succeeded', weightsUrl: url, bytes: file_size ?? null };
}

/** The trainer logs a bar such as ` 45%|####      | 1125/2500`; null where there is none yet. */
function percentOf(logs: readonly string[]): number | null {
	const bars = logs.flatMap((line) => [...line.matchAll(/\b(\d{1,3})%\|/g)]);
	const last = bars.at(-1)?.[1];
	return last === undefined ? null : Math.min(100, Number(last));
}
