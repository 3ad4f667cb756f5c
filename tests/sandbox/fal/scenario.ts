/** What can be made to go wrong, by name. */
import { z } from 'zod';
import { namedOf, type Scenarios } from '../scenarios.ts';

/** At which moment a scenario acts: when a request is submitted, run, or reported by webhook. */
type Phase = 'submit' | 'run' | 'webhook';
type Kind = 'trainer' | 'generator';

type About = { phase: Phase; only?: Kind; meaning: string };

export const scenarios = {
	slow: { phase: 'run', meaning: 'Takes `ms` longer (default 60,000).' },
	neverAnswers: { phase: 'run', meaning: 'Stays in progress for ever.' },
	trainingFails: {
		phase: 'run',
		only: 'trainer',
		meaning: 'The training ends in 422 of `type` (default image_load_error).',
	},
	trainingFails5xx: {
		phase: 'run',
		only: 'trainer',
		meaning: 'The training ends in 500 internal_server_error.',
	},
	detailAsText: { phase: 'run', meaning: 'Ends in 422 whose detail is a mere string.' },
	contentPolicy: { phase: 'run', meaning: 'Ends in 422 content_policy_violation.' },
	flagged: {
		phase: 'run',
		only: 'generator',
		meaning: 'A black picture, and has_nsfw_concepts says so.',
	},
	blackPicture: { phase: 'run', only: 'generator', meaning: 'A black picture, not flagged.' },
	brokenPicture: { phase: 'run', only: 'generator', meaning: 'A JPEG that ends half way.' },
	fewerImages: { phase: 'run', only: 'generator', meaning: 'Succeeds without any picture.' },
	resultGone: { phase: 'run', meaning: 'The result is gone (404) as soon as it is there.' },
	weightsCutOff: {
		phase: 'run',
		only: 'trainer',
		meaning: 'The connection breaks half way through the weights, `cuts` times (default always).',
	},
	webhookLost: { phase: 'webhook', meaning: 'No webhook is sent.' },
	webhookTwice: { phase: 'webhook', meaning: 'Two webhooks, at the same time.' },
	webhookBeforeAnswer: {
		phase: 'webhook',
		meaning: 'The webhook arrives before the answer to the submit.',
	},
	webhookForged: { phase: 'webhook', meaning: 'Only a webhook with a bad signature.' },
	webhookForeign: { phase: 'webhook', meaning: 'Only a webhook signed for another account.' },
	webhookStale: { phase: 'webhook', meaning: 'Only a webhook signed ten minutes ago.' },
	answerLost: {
		phase: 'submit',
		meaning: 'The submit is accepted, and the connection drops before the answer.',
	},
	accountLocked: { phase: 'submit', meaning: 'The account is locked (403, balance exhausted).' },
	busy429: { phase: 'submit', meaning: '429; `on` submit (default), status, result or delete.' },
	error503: { phase: 'submit', meaning: '503; `on` submit (default), status, result or delete.' },
} as const satisfies Record<string, About>;

export type ScenarioName = keyof typeof scenarios;
const about: Record<ScenarioName, About> = scenarios;

const doors = ['submit', 'status', 'result', 'delete'] as const;
export type Door = (typeof doors)[number];

export const scenarioSchema = z.strictObject({
	...namedOf(scenarios),
	only: z.enum(['trainer', 'generator']).optional(),
	on: z.enum(doors).default('submit'),
	ms: z.coerce.number().min(0).default(60_000),
	type: z.string().default('image_load_error'),
	cuts: z.coerce.number().int().min(1).optional(),
});

export type Scenario = Omit<z.infer<typeof scenarioSchema>, 'name'> & { name: ScenarioName };

/** The scenario that acts now, if any; one of its times is used up. */
export const takeScenario = (
	on: Scenarios<Scenario>,
	phase: Phase,
	kind: Kind | null,
	door: Door = 'submit',
): Scenario | null =>
	on.take(({ name, only, on: its }) => {
		const wanted = only ?? about[name].only;
		return about[name].phase === phase && its === door && (wanted ?? kind) === kind;
	});
