/** The queue: first come first served, so many at once as the account may, and a machine that takes its time. */
import { setTimeout as wait } from 'node:timers/promises';
import { Album } from '../album.ts';
import type { Call, Calls } from './call.ts';
import type { Cdn } from './cdn.ts';
import { type Answer, answer, modelError, requestError } from './errors.ts';
import { generate } from './generator.ts';
import { Loras } from './loras.ts';
import type { Settings } from './options.ts';
import { train } from './trainer.ts';
import type { Webhooks } from './webhooks.ts';

export class Runner {
	#calls: Calls;
	#cdn: Cdn;
	#webhooks: Webhooks;
	#settings: Settings;
	#secret: string;
	#now: () => number;
	#loras: Loras;
	#album = new Album();
	#stopped = new AbortController();
	#announced = new Map<string, Promise<void>>();

	constructor(parts: {
		calls: Calls;
		cdn: Cdn;
		webhooks: Webhooks;
		settings: Settings;
		secret: string;
		now: () => number;
	}) {
		this.#calls = parts.calls;
		this.#cdn = parts.cdn;
		this.#webhooks = parts.webhooks;
		this.#settings = parts.settings;
		this.#secret = parts.secret;
		this.#now = parts.now;
		this.#loras = new Loras(parts.secret);
	}

	/** Takes up what a stop has left: unfinished calls start over, webhooks that were due are sent. */
	resume(): void {
		for (const call of this.#calls.list()) {
			if (call.status === 'IN_PROGRESS') call.status = 'IN_QUEUE';
			else if (call.webhook.state === 'due') void this.#webhooks.announce(call);
		}
		this.advance();
	}

	/** Starts queued calls while there is room. To be called whenever that may have changed. */
	advance(): void {
		const inProgress = this.#calls.list().filter(({ status }) => status === 'IN_PROGRESS');
		const free = Math.max(0, this.#settings.concurrency - inProgress.length);
		for (const call of this.queue().slice(0, free)) void this.#run(call);
	}

	/** The calls that wait, the next one first. */
	queue(): Call[] {
		return this.#calls.list().filter(({ status }) => status === 'IN_QUEUE');
	}

	/** Runs one call at once, whatever the queue, and resolves when its first webhook has been answered. */
	async runNow(call: Call): Promise<void> {
		await this.#run(call, 0);
		await this.#announced.get(call.id);
	}

	/** A queued call ends; one in progress goes on to its end, as at fal. */
	cancel(call: Call): void {
		call.isCancelRequested = true;
		if (call.status === 'IN_QUEUE') {
			this.#finish(
				call,
				requestError(499, 'client_cancelled', 'Request was cancelled by the client.'),
			);
		} else this.#calls.save(call);
	}

	/** For a call that has waited too long in the queue. */
	expire(call: Call): void {
		if (call.status !== 'IN_QUEUE') return;
		const headers = { 'X-Fal-Request-Timeout-Type': 'user' };
		this.#finish(
			call,
			requestError(504, 'startup_timeout', 'Request timed out in the queue.', headers),
		);
	}

	stop(): void {
		this.#stopped.abort();
	}

	async #run(call: Call, latencyMs = this.#latency(call)): Promise<void> {
		call.status = 'IN_PROGRESS';
		call.startedAt = this.#now();
		this.#calls.save(call);
		if (call.runScenario?.name === 'neverAnswers') return;
		// The picture is made while the latency runs, so that making it costs no time of its own.
		const elapsed = wait(latencyMs, null, { signal: this.#stopped.signal }).catch(() => null);
		const made = await this.#make(call).catch((error: unknown) =>
			modelError({ loc: ['body'], msg: String(error), type: 'internal_server_error' }),
		);
		if (made.status < 400) await elapsed;
		if (!this.#stopped.signal.aborted) this.#finish(call, made);
	}

	#latency({ kind, runScenario }: Call): number {
		const usual = kind === 'trainer' ? this.#settings.trainingMs : this.#settings.imageMs;
		return usual + (runScenario?.name === 'slow' ? runScenario.ms : 0);
	}

	async #make(call: Call): Promise<Answer> {
		const loc = ['body'];
		switch (call.runScenario?.name) {
			case 'trainingFails':
				return modelError({ loc, msg: 'The training failed.', type: call.runScenario.type });
			case 'trainingFails5xx':
				return modelError({ loc, msg: 'Internal server error', type: 'internal_server_error' });
			case 'detailAsText':
				return answer(422, { detail: 'Something about the input was wrong.' });
			case 'contentPolicy':
				return modelError({
					loc: ['body', 'prompt'],
					msg: 'The content could not be processed because it was flagged by a content checker.',
					type: 'content_policy_violation',
				});
			default:
				return call.kind === 'trainer'
					? train(call, this.#cdn, this.#settings.weightsBytes, this.#secret)
					: generate(call, this.#cdn, this.#loras, this.#settings.isDrawnOnce ? this.#album : null);
		}
	}

	#finish(call: Call, made: Answer): void {
		call.status = 'COMPLETED';
		call.completedAt = this.#now();
		call.answer = made;
		this.#calls.save(call);
		this.#announced.set(call.id, this.#webhooks.announce(call));
		this.advance();
	}
}
