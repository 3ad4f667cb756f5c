/** A subscription and its one item in the shape of the pinned API version: the period is the item's. */
import type { Account, Price, Subscription, SubscriptionItem } from './account.ts';
import { listOf } from './account.ts';
import { planOf } from './prices.ts';

/** The same day of the next month, or its last one. */
export const monthAfter = (seconds: number): number => {
	const at = new Date(seconds * 1000);
	const day = at.getUTCDate();
	at.setUTCMonth(at.getUTCMonth() + 1);
	if (at.getUTCDate() !== day) at.setUTCDate(0);
	return Math.floor(at.getTime() / 1000);
};

export const newSubscription = (
	account: Account,
	params: {
		customer: string;
		price: Price;
		metadata: Record<string, string>;
		trialDays: number;
		hasTax: boolean;
	},
): Subscription => {
	const now = account.nowOf(params.customer);
	const id = account.newId('sub_1');
	const trialEnd = params.trialDays === 0 ? null : now + params.trialDays * 86_400;
	const item: SubscriptionItem = {
		id: account.newId('si_', 14),
		object: 'subscription_item',
		billing_thresholds: null,
		created: now,
		current_period_end: trialEnd ?? monthAfter(now),
		current_period_start: now,
		current_trial: null,
		discounts: [],
		metadata: {},
		plan: planOf(params.price),
		price: structuredClone(params.price),
		quantity: 1,
		subscription: id,
		tax_rates: [],
	};
	return {
		id,
		object: 'subscription',
		application: null,
		application_fee_percent: null,
		automatic_tax: {
			disabled_reason: null,
			enabled: params.hasTax,
			liability: params.hasTax ? { type: 'self' } : null,
		},
		billing_cycle_anchor: item.current_period_end,
		billing_cycle_anchor_config: null,
		billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
		billing_schedules: [],
		billing_thresholds: null,
		cancel_at: null,
		cancel_at_period_end: false,
		canceled_at: null,
		cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
		collection_method: 'charge_automatically',
		created: now,
		currency: params.price.currency,
		customer: params.customer,
		customer_account: null,
		days_until_due: null,
		default_payment_method: account.newId('pm_1'),
		default_source: null,
		default_tax_rates: [],
		description: null,
		discounts: [],
		ended_at: null,
		invoice_settings: {
			account_tax_ids: null,
			custom_fields: null,
			description: null,
			footer: null,
			issuer: { type: 'self' },
		},
		items: listOf([item], `/v1/subscription_items?subscription=${id}`),
		latest_invoice: null,
		livemode: account.scenario.liveMode,
		managed_payments: null,
		metadata: params.metadata,
		next_pending_invoice_item_invoice: null,
		on_behalf_of: null,
		pause_collection: null,
		payment_settings: {
			payment_method_options: null,
			payment_method_types: null,
			save_default_payment_method: 'off',
		},
		pending_invoice_item_interval: null,
		pending_setup_intent: null,
		pending_update: null,
		schedule: null,
		start_date: now,
		status: trialEnd === null ? 'active' : 'trialing',
		test_clock: null,
		transfer_data: null,
		trial_end: trialEnd,
		trial_settings: {
			end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' },
		},
		trial_start: trialEnd === null ? null : now,
	};
};

export const itemOf = (subscription: Subscription): SubscriptionItem => {
	const [item] = subscription.items.data;
	if (item === undefined) throw new Error('a subscription without an item');
	return item;
};
