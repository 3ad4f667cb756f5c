/** The control plane: what tests and the console can make happen at Stripe. */
import { Hono } from 'hono';
import { z } from 'zod';
import { controlAnswer, controlBody } from '../loopback.ts';
import type { Account } from './account.ts';
import { byPerson, found } from './account.ts';
import type { Api } from './api.ts';
import { consolePage } from './console-page.ts';
import { pay, settleDebit } from './payments.ts';
import { applyPromotion } from './promotions.ts';
import { moveDispute, openDispute } from './disputes.ts';
import { perform, portalActs } from './portal.ts';
import { setAmount } from './prices.ts';
import { finishRedaction } from './redaction.ts';
import { createRefund, failRefund } from './refunds.ts';
import { StripeRefusal } from './refusals.ts';
import { scenarioSchema } from './scenario.ts';
import { sessionParams } from './session-params.ts';
import { createSession, expireSession, sessionOf } from './sessions.ts';
import { advance as advanceClock, contractsOf } from './subscriptions.ts';
import type { Webhooks } from './webhooks.ts';

const payment = z.object({
	session: z.string(),
	method: z.enum(['card', 'us_bank_account']).default('card'),
	email: z.email().default('alex@example.com'),
	name: z.string().default('Alex Example'),
	promotion_code: z.string().default(''),
});
const refund = z.object({
	payment_intent: z.string(),
	amount: z.coerce.number().int().positive().optional(),
});
const debit = z.object({ session: z.string(), outcome: z.enum(['succeeded', 'failed']) });
const advance = z.object({ customer: z.string(), days: z.number().int().positive().max(731) });
const dispute = z.object({
	payment_intent: z.string(),
	isInquiry: z.coerce.boolean().default(false),
	reason: z.string().default('fraudulent'),
});
const move = z.object({
	dispute: z.string(),
	status: z.enum(['under_review', 'won', 'lost', 'warning_closed', 'appeal_under_review']),
});
const foreign = z.object({
	client_reference_id: z.string().optional(),
	metadata: z.record(z.string(), z.string()).optional(),
	amount: z.number().int().min(50).default(2900),
});

export const controlPlane = (account: Account, api: Api, webhooks: Webhooks): Hono => {
	const control = new Hono();
	const on = <Schema extends z.ZodType>(
		path: string,
		schema: Schema,
		run: (body: z.output<Schema>) => unknown,
	) =>
		control.post(`/__control/${path}`, async (context) => {
			const body = schema.safeParse(await controlBody(context));
			if (!body.success) return context.json({ error: z.prettifyError(body.error) }, 422);
			try {
				return controlAnswer(context, run(body.data) ?? { ok: true });
			} catch (error) {
				if (error instanceof StripeRefusal) return context.json({ error: error.message }, 422);
				throw error;
			}
		});

	on('scenario', scenarioSchema, (scenario) => (account.scenario = scenario));
	on('reset', z.unknown(), () => {
		account.reset();
		api.reset();
		webhooks.deliveries.length = 0;
	});
	// The account as it will be so many seconds later.
	on('age', z.object({ seconds: z.number().int() }), ({ seconds }) => {
		for (const event of account.events.values()) event.created -= seconds;
		for (const { session } of account.sessions.values()) session.created -= seconds;
	});
	on('pay', payment, ({ session, method, promotion_code, ...payer }) => {
		const checkout = sessionOf(account, session);
		if (promotion_code !== '' && !applyPromotion(account, checkout, promotion_code))
			throw new StripeRefusal(400, 'This code is invalid.');
		pay(account, session, payer, method);
		return checkout.session;
	});
	on('settle-debit', debit, ({ session, outcome }) => settleDebit(account, session, outcome));
	on('expire', z.object({ session: z.string() }), ({ session }) =>
		expireSession(account, session, byPerson),
	);
	on('refund', refund, (params) => createRefund(account, params, byPerson));
	on('fail-refund', z.object({ refund: z.string() }), (body) => failRefund(account, body.refund));
	on('finish-redaction', z.object({ job: z.string() }), ({ job }) => finishRedaction(account, job));
	// Moves a customer's own clock, as a test clock does: forward only.
	on('advance', advance, ({ customer, days }) => {
		advanceClock(account, customer, days * 86_400);
		return {
			subscriptions: contractsOf(account, customer).map(({ subscription }) => subscription),
		};
	});
	on('portal', portalActs.extend({ customer: z.string() }), ({ customer, ...wanted }) => {
		perform(account, customer, wanted);
	});
	on('price', z.object({ lookup_key: z.string(), amount: z.number().int() }), (body) => {
		setAmount(account, body.lookup_key, body.amount);
	});
	on('dispute', dispute, ({ payment_intent, ...of }) => openDispute(account, payment_intent, of));
	on('move-dispute', move, (body) => moveDispute(account, body.dispute, body.status));
	// Sends an event again, as the dashboard's button does: lost ones, or to replay one.
	on('redeliver', z.object({ event: z.string() }), ({ event }) =>
		webhooks.deliver(found(account.events, event, 'event', 'event'), {
			...account.scenario,
			webhookLost: false,
		}),
	);
	// A paid session of the same account that the product never made, perhaps naming one of its orders.
	on('foreign-session', foreign, ({ amount, ...named }) => {
		const session = createSession(
			account,
			sessionParams.parse({
				mode: 'payment',
				success_url: `${account.origin}/`,
				line_items: [
					{
						quantity: '1',
						price_data: {
							currency: 'usd',
							unit_amount: String(amount),
							product_data: { name: 'A thing of another shop' },
						},
					},
				],
				...named,
			}),
		);
		pay(account, session.id, { email: 'other@example.com', name: 'Other Buyer' }, 'card');
		return session;
	});

	control.get('/__control/log', (context) =>
		context.json({
			scenario: account.scenario,
			requests: api.seen,
			deliveries: webhooks.deliveries,
			sessions: [...account.sessions.values()].map(({ session }) => session),
			customers: [...account.customers.values()],
			paymentIntents: [...account.paymentIntents.values()],
			charges: [...account.charges.values()],
			refunds: [...account.refunds.values()],
			invoices: [...account.invoices.values()],
			redactions: [...account.redactions.values()],
			subscriptions: [...account.subscriptions.values()].map(({ subscription }) => subscription),
			disputes: [...account.disputes.values()],
			events: [...account.events.values()],
		}),
	);
	control.get('/', (context) => context.html(consolePage(account, webhooks)));
	return control;
};
