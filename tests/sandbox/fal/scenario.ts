/** What can be made to go wrong, by name. */
import { z } from 'zod';

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
	name: z.custom<ScenarioName | 'succeeds'>(
		(name) => name === 'succeeds' || (typeof name === 'string' && Object.hasOwn(scenarios, name)),
		'unknown scenario',
	),
	/** How many requests it happens to; without it, to all until `succeeds` or a reset. */
	times: z.coerce.number().int().min(1).optional(),
	only: z.enum(['trainer', 'generator']).optional(),
	on: z.enum(doors).default('submit'),
	ms: z.coerce.number().min(0).default(60_000),
	type: z.string().default('image_load_error'),
	cuts: z.coerce.number().int().min(1).optional(),
});

export type Scenario = Omit<z.infer<typeof scenarioSchema>, 'name'> & { name: ScenarioName };

/** The scenarios that are on; the one set first acts first. */
export class Scenarios {
	#active: Scenario[] = [];

	/** `succeeds` switches all others off. */
	set(scenario: z.infer<typeof scenarioSchema>): void {
		const { name } = scenario;
		if (name === 'succeeds') this.#active = [];
		else this.#active.push({ ...scenario, name });
	}

	list(): readonly Scenario[] {
		return this.#active;
	}

	/** The scenario that acts now, if any; one of its times is used up. */
	take(phase: Phase, kind: Kind | null, door: Door = 'submit'): Scenario | null {
		const found = this.#active.find(({ name, only, on }) => {
			const { phase: its, only: itsKind } = about[name];
			const wanted = only ?? itsKind;
			return its === phase && on === door && (wanted === undefined || wanted === kind);
		});
		if (found === undefined) return null;
		if (found.times !== undefined && --found.times === 0) {
			this.#active = this.#active.filter((scenario) => scenario !== found);
		}
		return found;
	}
}
