/** What can be made to go wrong, by name. */
import { z } from 'zod';
import { namedOf } from '../scenarios.ts';

export const scenarios = {
	promptBlocked: 'No candidates: promptFeedback says PROHIBITED_CONTENT.',
	promptBlockedOther: 'No candidates: promptFeedback says OTHER.',
	imageSafety: 'A candidate without content, finished with IMAGE_SAFETY.',
	noImage: 'A candidate without content, finished with NO_IMAGE.',
	textOnly: 'A candidate with words only, finished with STOP.',
	thoughtFirst: 'A sketch as a thought, words, then the picture.',
	signed: 'The PNG carries a C2PA manifest of the vendor.',
	jpeg: 'The picture is a JPEG.',
	blackPicture: 'A black picture.',
	brokenPicture: 'A PNG that ends half way.',
	busy429: '429 with a RetryInfo of `seconds` (default 2).',
	error503: '503, overloaded.',
	error500: '500, internal.',
	timedOut: '504, after the work was done.',
	slow: 'Takes 30 s.',
	answerLost: 'The picture is made, and the connection drops before the answer.',
	modelRetired: 'The first model is gone: 404, for good until a reset.',
} as const;

export type ScenarioName = keyof typeof scenarios;

export const scenarioSchema = z.strictObject({
	...namedOf(scenarios),
	seconds: z.coerce.number().positive().default(2),
});

export type Scenario = Omit<z.infer<typeof scenarioSchema>, 'name'> & { name: ScenarioName };
