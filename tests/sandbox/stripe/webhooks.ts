/** Delivery of events to the one webhook endpoint: signed, retried, and as badly as the scenario says. */
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AccountEvent, EventType } from './account.ts';
import type { Scenario } from './scenario.ts';

/** The endpoint's `enabled_events`; other events are only listed. */
const enabledEvents: ReadonlySet<EventType> = new Set<EventType>([
	'checkout.session.completed',
	'checkout.session.async_payment_succeeded',
	'checkout.session.async_payment_failed',
	'checkout.session.expired',
	'charge.refunded',
	'refund.created',
	'refund.updated',
	'refund.failed',
	'customer.subscription.created',
	'customer.subscription.updated',
	'customer.subscription.deleted',
	'invoice.paid',
	'invoice.payment_failed',
	'charge.dispute.created',
	'charge.dispute.updated',
	'charge.dispute.closed',
	'charge.dispute.funds_withdrawn',
	'charge.dispute.funds_reinstated',
]);

/** A test-mode endpoint gets three attempts; the hours between them are seconds here. */
const retryDelays = [1000, 3000];
const lateness = 3000;
/** Events closer together than this belong to one moment. */
const moment = 250;
const timeout = 20_000;
const staleness = 600;

export type Delivery = {
	event: string;
	type: EventType;
	attempt: number;
	/** Status of the endpoint's answer, or why there was none. */
	outcome: number | string;
};

export class Webhooks {
	readonly deliveries: Delivery[] = [];
	readonly #url: string | undefined;
	readonly #secret: string;
	readonly #abort = new AbortController();
	#held: AccountEvent[] = [];
	#release: NodeJS.Timeout | undefined;

	constructor(url: string | undefined, secret: string) {
		this.#url = url;
		this.#secret = secret;
	}

	/** Sends now, later, twice or never. Returns at once. */
	deliver(event: AccountEvent, scenario: Scenario): void {
		if (this.#url === undefined || !enabledEvents.has(event.type)) return;
		event.pending_webhooks = 1;
		if (scenario.webhookLost) return this.#note(event, 0, 'lost');
		if (scenario.outOfOrder) return this.#hold(event, scenario);
		this.#start(event, scenario);
		if (scenario.webhookTwice) this.#start(event, scenario);
	}

	stop(): void {
		clearTimeout(this.#release);
		this.#abort.abort();
	}

	#start(event: AccountEvent, scenario: Scenario): void {
		this.#send(event, scenario).catch(() => this.#note(event, 0, 'stopped'));
	}

	async #send(event: AccountEvent, scenario: Scenario): Promise<void> {
		if (scenario.late) await this.#wait(lateness);
		for (const [attempt, delay] of [0, ...retryDelays].entries()) {
			if (delay > 0) await this.#wait(delay);
			const outcome = await this.#attempt(event, scenario);
			this.#note(event, attempt + 1, outcome);
			if (typeof outcome === 'number' && outcome >= 200 && outcome < 300) {
				event.pending_webhooks = 0;
				return;
			}
		}
	}

	async #attempt(event: AccountEvent, scenario: Scenario): Promise<number | string> {
		const body = JSON.stringify(event, null, 2);
		const at = Math.floor(Date.now() / 1000) - (scenario.staleTimestamp ? staleness : 0);
		const secret = scenario.wrongSecret ? 'whsec_of_another_endpoint' : this.#secret;
		try {
			const answer = await fetch(this.#url ?? '', {
				method: 'POST',
				headers: {
					'content-type': 'application/json; charset=utf-8',
					'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
					'stripe-signature': `t=${at},v1=${sign(secret, at, body)}`,
				},
				body,
				redirect: 'manual',
				signal: AbortSignal.any([this.#abort.signal, AbortSignal.timeout(timeout)]),
			});
			await answer.arrayBuffer();
			return answer.status;
		} catch (error) {
			return error instanceof Error ? error.message : 'no answer';
		}
	}

	#hold(event: AccountEvent, scenario: Scenario): void {
		this.#held.unshift(event);
		clearTimeout(this.#release);
		this.#release = setTimeout(() => {
			const events = this.#held;
			this.#held = [];
			void (async () => {
				for (const held of events) await this.#send(held, scenario);
			})().catch(() => undefined);
		}, moment);
	}

	#wait(milliseconds: number): Promise<void> {
		return sleep(milliseconds, undefined, { signal: this.#abort.signal, ref: false });
	}

	#note(event: AccountEvent, attempt: number, outcome: number | string): void {
		this.deliveries.push({ event: event.id, type: event.type, attempt, outcome });
	}
}

const sign = (secret: string, at: number, body: string): string =>
	createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
