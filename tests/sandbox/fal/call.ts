/** One request to a model, from submit to the end of its result, as the stand-in keeps it. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** The calls, oldest first, each in a file of its own so that a restart finds them. */
export class Calls {
	#dir: string;
	#calls = new Map<string, Call>();

	constructor(dir: string) {
		this.#dir = dir;
		mkdirSync(dir, { recursive: true });
		const found = readdirSync(dir).map((name) =>
			callSchema.parse(JSON.parse(readFileSync(join(dir, name), 'utf8'))),
		);
		for (const call of found.sort((one, other) => one.submittedAt - other.submittedAt)) {
			this.#calls.set(call.id, call);
		}
	}

	save(call: Call): void {
		this.#calls.set(call.id, call);
		writeFileSync(join(this.#dir, `${call.id}.json`), JSON.stringify(call));
	}

	find(id: string): Call | null {
		return this.#calls.get(id) ?? null;
	}

	list(): Call[] {
		return [...this.#calls.values()];
	}
}

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
