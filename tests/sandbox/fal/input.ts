/** The inputs of the two endpoints, exactly as wide as fal's own schemas; an unknown field is refused. */
import { z } from 'zod';
import { type Answer, type Detail, modelError } from './errors.ts';

export const trainerInput = z.strictObject({
	images_data_url: z.string().min(1),
	trigger_phrase: z.string().nullish(),
	learning_rate: z.number().positive().default(0.00009),
	steps: z.number().int().min(1).default(2500),
	multiresolution_training: z.boolean().default(true),
	subject_crop: z.boolean().default(true),
	create_masks: z.boolean().optional(),
	data_archive_format: z.string().nullish(),
	resume_from_checkpoint: z.string().default(''),
});

const sizes = {
	square_hd: { width: 1024, height: 1024 },
	square: { width: 512, height: 512 },
	portrait_4_3: { width: 768, height: 1024 },
	portrait_16_9: { width: 576, height: 1024 },
	landscape_4_3: { width: 1024, height: 768 },
	landscape_16_9: { width: 1024, height: 576 },
} as const;

const imageSize = z.union([
	z
		.enum([
			'square_hd',
			'square',
			'portrait_4_3',
			'portrait_16_9',
			'landscape_4_3',
			'landscape_16_9',
		])
		.transform((preset): { width: number; height: number } => sizes[preset]),
	z.strictObject({
		width: z.number().int().min(64).max(14_142),
		height: z.number().int().min(64).max(14_142),
	}),
]);

export const generatorInput = z.strictObject({
	prompt: z.string().min(1),
	loras: z
		.array(
			z.strictObject({
				path: z.string().min(1),
				scale: z.number().min(0).max(4).default(1),
				force: z.boolean().optional(),
			}),
		)
		.min(1),
	image_size: imageSize.default(sizes.landscape_4_3),
	num_inference_steps: z.number().int().min(1).max(50).default(28),
	guidance_scale: z.number().min(0).max(35).default(3.5),
	num_images: z.number().int().min(1).max(4).default(1),
	seed: z.number().int().nullish(),
	enable_safety_checker: z.boolean().default(true),
	output_format: z.enum(['jpeg', 'png']).default('jpeg'),
	acceleration: z.enum(['none', 'regular']).default('none'),
	/** The stand-in answers with addresses only. */
	sync_mode: z.literal(false).default(false),
});

/** What pydantic says of a body that does not fit, as far as its types are listed. */
export function invalidInput(error: z.ZodError, input: unknown): Answer {
	const details = error.issues.flatMap((issue): Detail[] => {
		const loc = ['body', ...issue.path.map((part) => (typeof part === 'symbol' ? '' : part))];
		const given = issue.path.reduce<unknown>(
			(value, part) =>
				typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined,
			input,
		);
		if (issue.code === 'unrecognized_keys') {
			return issue.keys.map((key) => ({
				loc: [...loc, key],
				msg: 'Extra inputs are not permitted',
				type: 'extra_forbidden',
			}));
		}
		if (given === undefined) return [{ loc, msg: 'Field required', type: 'missing', input }];
		const type =
			issue.code === 'too_small'
				? 'greater_than_equal'
				: issue.code === 'too_big'
					? 'less_than_equal'
					: issue.code === 'invalid_value'
						? 'one_of'
						: `${issue.code === 'invalid_type' ? issue.expected : 'value'}_type`;
		return [{ loc, msg: issue.message, type, input: given }];
	});
	return modelError(...details);
}
