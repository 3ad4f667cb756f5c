/** What can be made to go wrong, by name. */
import { z } from 'zod';

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
	name: z.custom<ScenarioName | 'succeeds'>(
		(name) => name === 'succeeds' || (typeof name === 'string' && Object.hasOwn(scenarios, name)),
		'unknown scenario',
	),
	/** How many requests it happens to; without it, to all until `succeeds` or a reset. */
	times: z.coerce.number().int().min(1).optional(),
	seconds: z.coerce.number().positive().default(2),
});

export type Scenario = Omit<z.infer<typeof scenarioSchema>, 'name'> & { name: ScenarioName };

/** The scenarios that are on; the one set first acts first. */
export class Scenarios {
	#active: Scenario[] = [];

	/** `succeeds` switches all others off. */
	set({ name, ...scenario }: z.infer<typeof scenarioSchema>): void {
		if (name === 'succeeds') this.#active = [];
		else this.#active.push({ ...scenario, name });
	}

	list(): readonly Scenario[] {
		return this.#active;
	}

	isOn(name: ScenarioName): boolean {
		return this.#active.some((scenario) => scenario.name === name);
	}

	/** The scenario that acts on this request, if any; one of its times is used up. */
	take(): Scenario | null {
		const found = this.#active.find(({ name }) => name !== 'modelRetired');
		if (found === undefined) return null;
		if (found.times !== undefined && --found.times === 0)
			this.#active = this.#active.filter((scenario) => scenario !== found);
		return found;
	}
}
