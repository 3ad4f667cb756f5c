/** One Stripe account in memory: its objects, its clock, its ids, and the events it makes. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Stripe } from 'stripe';
import { z } from 'zod';
import { type Plan, pricesOfPlans } from './prices.ts';
import { noSuch } from './refusals.ts';
import { scenarioSchema, type Scenario } from './scenario.ts';

export const apiVersion = '2026-10-28.endive';
export const previewVersion = '2026-10-28.preview';

/** Decimals are strings on the wire; the SDK's types have its own class there. */
export type Price = Omit<Stripe.Price, 'unit_amount_decimal'> & { unit_amount_decimal: string };
export type LineItem = Omit<Stripe.LineItem, 'price'> & { price: Price };
export type InvoiceLine = Omit<Stripe.InvoiceLineItem, 'pricing' | 'quantity_decimal'> & {
	quantity_decimal: string;
	pricing: {
		price_details: { price: string; product: string };
		type: 'price_details';
		unit_amount_decimal: string;
	};
};
export type Invoice = Omit<Stripe.Invoice, 'lines'> & { lines: Stripe.ApiList<InvoiceLine> };
export type CheckoutSession = {
	session: Stripe.Checkout.Session;
	items: LineItem[];
	/** What the payment intent will carry: `metadata` of the session does not reach it by itself. */
	paymentIntentData: { description: string | null; metadata: Record<string, string> };
	subscriptionData: { metadata: Record<string, string>; trialDays: number };
};
/** A subscription as it is told, and what Stripe knows of it besides. */
export type Contract = {
	subscription: Subscription;
	/** The price that a scheduled switch brings at the end of the period. */
	nextPrice: string | null;
	/** What the card says to the next charge. */
	isCardGood: boolean;
	email: string;
	name: string;
};
export type Subscription = Omit<Stripe.Subscription, 'items'> & {
	items: Stripe.ApiList<SubscriptionItem>;
};
export type SubscriptionItem = Omit<Stripe.SubscriptionItem, 'price' | 'plan'> & {
	price: Price;
	plan: Plan;
};
/** Of the preview: the library has no type for it. */
export type RedactionJob = {
	id: string;
	object: 'privacy.redaction_job';
	created: number;
	livemode: boolean;
	objects: Partial<Record<string, string[]>>;
	status: 'validating' | 'ready' | 'failed' | 'redacting' | 'succeeded' | 'canceling' | 'canceled';
	validation_behavior: 'error' | 'fix';
};
export type AccountEvent = {
	id: string;
	object: 'event';
	api_version: typeof apiVersion;
	created: number;
	data: { object: unknown };
	livemode: boolean;
	pending_webhooks: number;
	request: { id: string | null; idempotency_key: string | null };
	type: EventType;
};
export type EventType =
	| 'customer.created'
	| 'customer.updated'
	| 'customer.deleted'
	| 'payment_intent.succeeded'
	| 'payment_intent.processing'
	| 'payment_intent.payment_failed'
	| 'charge.succeeded'
	| 'charge.failed'
	| 'charge.refunded'
	| 'refund.created'
	| 'refund.updated'
	| 'refund.failed'
	| 'invoice.paid'
	| 'invoice.payment_failed'
	| 'customer.subscription.created'
	| 'customer.subscription.updated'
	| 'customer.subscription.deleted'
	| 'charge.dispute.created'
	| 'charge.dispute.updated'
	| 'charge.dispute.closed'
	| 'charge.dispute.funds_withdrawn'
	| 'charge.dispute.funds_reinstated'
	| 'checkout.session.completed'
	| 'checkout.session.expired'
	| 'checkout.session.async_payment_succeeded'
	| 'checkout.session.async_payment_failed';

/** The call that made an event happen; a person on a hosted page has none. */
export type Cause = { id: string | null; idempotency_key: string | null };
export const byPerson: Cause = { id: null, idempotency_key: null };

const kinds = [
	'sessions',
	'customers',
	'paymentIntents',
	'charges',
	'refunds',
	'invoices',
	'subscriptions',
	'disputes',
	'portals',
	'redactions',
	'clocks',
	'events',
] as const;
const savedSchema = z.partialRecord(z.enum(kinds), z.array(z.tuple([z.string(), z.unknown()])));

export class Account {
	readonly sessions = new Map<string, CheckoutSession>();
	readonly customers = new Map<string, Stripe.Customer | Stripe.DeletedCustomer>();
	readonly paymentIntents = new Map<string, Stripe.PaymentIntent>();
	readonly charges = new Map<string, Stripe.Charge>();
	readonly refunds = new Map<string, Stripe.Refund>();
	readonly invoices = new Map<string, Invoice>();
	readonly subscriptions = new Map<string, Contract>();
	readonly disputes = new Map<string, Stripe.Dispute>();
	readonly redactions = new Map<string, RedactionJob>();
	readonly prices = pricesOfPlans();
	/** By address: whose portal it is. */
	readonly portals = new Map<string, { customer: string; back: string | null }>();
	/** Seconds that a customer lives ahead of the wall clock, as with a test clock of their own. */
	readonly clocks = new Map<string, number>();
	readonly events = new Map<string, AccountEvent>();
	scenario: Scenario = scenarioSchema.parse({});
	/** Where its hosted pages are. */
	readonly origin: string;
	readonly #file: string | undefined;
	readonly #deliver: (event: AccountEvent) => void;

	/** `file` keeps the account over restarts, as the database keeps its customers' ids. */
	constructor(origin: string, file: string | undefined, deliver: (event: AccountEvent) => void) {
		this.origin = origin;
		this.#file = file;
		this.#deliver = deliver;
		if (file !== undefined && existsSync(file)) this.#load(readFileSync(file, 'utf8'));
	}

	/** Unix seconds. */
	now(): number {
		return Math.floor(Date.now() / 1000);
	}

	/** Unix seconds on the customer's own clock. */
	nowOf(customer: unknown): number {
		return this.now() + (this.clocks.get(String(customer)) ?? 0);
	}

	newId(prefix: string, length = 24): string {
		const letters = randomBytes(length)
			.toString('base64')
			.replace(/[^A-Za-z0-9]/g, 'x');
		return prefix + letters.slice(0, length);
	}

	/** Records that something happened and hands it to the webhook endpoint. */
	emit(type: EventType, object: unknown, cause: Cause): void {
		const event: AccountEvent = {
			id: this.newId('evt_1'),
			object: 'event',
			api_version: apiVersion,
			created: this.now(),
			data: { object: structuredClone(object) },
			livemode: this.scenario.liveMode,
			pending_webhooks: 0,
			request: cause,
			type,
		};
		this.events.set(event.id, event);
		this.#deliver(event);
		this.save();
	}

	reset(): void {
		for (const kind of kinds) this[kind].clear();
		for (const [id, price] of pricesOfPlans()) this.prices.set(id, price);
		this.scenario = scenarioSchema.parse({});
		this.save();
	}

	save(): void {
		if (this.#file === undefined) return;
		mkdirSync(dirname(this.#file), { recursive: true });
		const state = Object.fromEntries(kinds.map((kind) => [kind, [...this[kind]]]));
		writeFileSync(`${this.#file}.new`, JSON.stringify(state));
		renameSync(`${this.#file}.new`, this.#file);
	}

	#load(json: string): void {
		const saved = savedSchema.parse(JSON.parse(json));
		for (const kind of kinds) {
			const rows: Map<string, unknown> = this[kind];
			for (const [id, row] of saved[kind] ?? []) rows.set(id, row);
		}
	}
}

/** The object with this id, or the 404 that Stripe answers. */
export const found = <Row>(
	rows: ReadonlyMap<string, Row>,
	id: string,
	noun: string,
	param: string,
): Row => {
	const row = rows.get(id);
	if (row === undefined) throw noSuch(noun, id, param);
	return row;
};

/** A list as Stripe pages it, newest first. */
export const listOf = <Row extends { id: string }>(
	newestFirst: readonly Row[],
	url: string,
	page: { limit?: number | undefined; starting_after?: string | undefined } = {},
): { object: 'list'; data: Row[]; has_more: boolean; url: string } => {
	const start =
		page.starting_after === undefined
			? 0
			: newestFirst.findIndex((row) => row.id === page.starting_after) + 1;
	const end = start + Math.min(Math.max(page.limit ?? 10, 1), 100);
	return {
		object: 'list',
		data: newestFirst.slice(start, end),
		has_more: end < newestFirst.length,
		url,
	};
};
