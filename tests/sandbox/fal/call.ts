/** One request to a model, from submit to the end of its result, as the stand-in keeps it. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { lifecycleSchema } from './cdn.ts';
import { type Scenario, scenarioSchema } from './scenario.ts';

const scenario = z.custom<Scenario>((value) => scenarioSchema.safeParse(value).success).nullable();

const callSchema = z.object({
	id: z.string(),
	/** Full endpoint id, such as `fal-ai/flux-lora`. */
	endpoint: z.string(),
	kind: z.enum(['trainer', 'generator']),
	input: z.unknown(),
	webhookUrl: z.string().nullable(),
	/** False with `X-Fal-Store-IO: 0`. */
	isStored: z.boolean(),
	lifecycle: lifecycleSchema,
	startTimeoutSeconds: z.number().nullable(),
	status: z.enum(['IN_QUEUE', 'IN_PROGRESS', 'COMPLETED']),
	/** ms since 1970, by the stand-in's clock. */
	submittedAt: z.number(),
	startedAt: z.number().nullable(),
	completedAt: z.number().nullable(),
	answer: z
		.object({ status: z.number(), headers: z.record(z.string(), z.string()), body: z.string() })
		.nullable(),
	isCancelRequested: z.boolean(),
	payloadsDeletedAt: z.number().nullable(),
	/** What happens to it while it runs, and to its webhook. */
	runScenario: scenario,
	webhookScenario: scenario,
	/** For the console: how many photos the zip held, whether they were stored, and their size. */
	dataset: z.object({ photos: z.number(), isStoreOnly: z.boolean(), bytes: z.number() }).nullable(),
	webhook: z.object({
		attempts: z.number(),
		/** `none` = not due, or never to be sent. */
		state: z.enum(['none', 'due', 'delivered', 'failed']),
		lastStatus: z.number().nullable(),
	}),
});

export type Call = z.infer<typeof callSchema>;

/**
 * The calls, oldest first, in a journal so that a restart finds them: a line for each change, and the
 * last line about a call holds. Written at the end only, because a file that is replaced is flushed.
 */
export class Calls {
	#journal: string;
	#calls = new Map<string, Call>();

	constructor(journal: string) {
		this.#journal = journal;
		mkdirSync(dirname(journal), { recursive: true });
		const text = existsSync(journal) ? readFileSync(journal, 'utf8') : '';
		// What comes after the last line break was being written when the power went.
		for (const line of text.split('\n').slice(0, -1)) {
			const call = callSchema.parse(JSON.parse(line));
			this.#calls.set(call.id, call);
		}
		writeFileSync(journal, this.list().map(lineOf).join(''));
	}

	save(call: Call): void {
		this.#calls.set(call.id, call);
		appendFileSync(this.#journal, lineOf(call));
	}

	find(id: string): Call | null {
		return this.#calls.get(id) ?? null;
	}

	list(): Call[] {
		return [...this.#calls.values()];
	}
}

const lineOf = (call: Call) => `${JSON.stringify(call)}\n`;

const minute = 60_000;

/** How long a webhook is tried, and a result without stored payload kept, after completion: ms. */
export const resultLifetime = (body: string): number =>
	Buffer.byteLength(body) >= 10_000 ? 6 * minute : 60 * minute;

/** A stored payload keeps a result of up to 1 MB for 30 days. */
export function isResultThere(call: Call, now: number): boolean {
	if (call.answer === null || call.completedAt === null) return false;
	if (call.payloadsDeletedAt !== null || call.runScenario?.name === 'resultGone') return false;
	const isKept = call.isStored && Buffer.byteLength(call.answer.body) <= 1_000_000;
	const lifetime = isKept ? 30 * 24 * 60 * minute : resultLifetime(call.answer.body);
	return now < call.completedAt + lifetime;
}
