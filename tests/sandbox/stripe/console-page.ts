/** The account as its owner would see it: payments, what can be done to them, events sent, scenarios. */
import { html } from 'hono/html';
import { page, scenarioSwitches, type Html } from '../console.ts';
import type { Account, CheckoutSession } from './account.ts';
import { money } from './money.ts';
import { meanings } from './scenario.ts';
import type { Webhooks } from './webhooks.ts';

export const consolePage = (account: Account, webhooks: Webhooks): Html =>
	page(
		'Stripe (sandbox)',
		html`<h1>Stripe</h1>
			<p class="faint">Sandbox, in Stripe’s place. No money moves.</p>
			<h2>Payments</h2>
			${
				account.sessions.size === 0
					? html`<p>No checkout yet. Buy something in the app.</p>`
					: html`<div class="scroll">
							<table>
								<tr>
									<th>Item</th>
									<th>Amount</th>
									<th>State</th>
									<th>Person</th>
									<th>Acts</th>
								</tr>
								${[...account.sessions.values()].reverse().map((checkout) => row(account, checkout))}
							</table>
						</div>`
			}
			<h2>Events sent</h2>
			${
				webhooks.deliveries.length === 0
					? html`<p>None yet.</p>`
					: html`<div class="scroll">
							<table>
								<tr>
									<th>Event</th>
									<th>Attempt</th>
									<th>Answer</th>
									<th>Acts</th>
								</tr>
								${webhooks.deliveries
									.slice(-50)
									.reverse()
									.map(
										({ event, type, attempt, outcome }) =>
											html`<tr>
												<td>
													${type}<br /><small><code>${event}</code></small>
												</td>
												<td>${attempt}</td>
												<td>${outcome}</td>
												<td>${button('redeliver', { event }, 'Send again')}</td>
											</tr>`,
									)}
							</table>
						</div>`
			}
			${scenarioSwitches(
				Object.entries(account.scenario).map(([name, isOn]) => ({
					name,
					meaning: Object.entries(meanings).find(([key]) => key === name)?.[1] ?? '',
					isOn,
				})),
			)}
			<div class="row">
				${button('foreign-session', {}, 'Take a payment of another shop')}
				${button('reset', {}, 'Forget everything')}
			</div>`,
		{ isLive: true },
	);

const row = (account: Account, { session, items }: CheckoutSession): Html => {
	const intent = account.paymentIntents.get(String(session.payment_intent));
	const charge = account.charges.get(String(intent?.latest_charge));
	const refunds = [...account.refunds.values()].filter((one) => one.charge === charge?.id);
	const left = (charge?.amount_captured ?? 0) - (charge?.amount_refunded ?? 0);
	const person = session.customer_details?.email ?? session.customer_email;
	return html`<tr>
		<td>
			${items.map((item) => item.description).join(', ')}<br /><small
				><code>${session.id}</code></small
			>
		</td>
		<td class="figures">${money(session.amount_total, session.currency)}</td>
		<td>
			${session.status},
			${session.payment_status}${charge !== undefined && charge.amount_refunded > 0 ? html`<br />${money(charge.amount_refunded, charge.currency)} refunded` : ''}
		</td>
		<td>${person}</td>
		<td>
			${session.url === null ? '' : html`<a class="button" href="${session.url}">Open</a> ${button('expire', { session: session.id }, 'Expire')}`}
			${intent?.status === 'processing' ? html`${button('settle-debit', { session: session.id, outcome: 'succeeded' }, 'Debit comes in')} ${button('settle-debit', { session: session.id, outcome: 'failed' }, 'Debit fails')}` : ''}
			${intent === undefined || left === 0 ? '' : refundForms(intent.id, left)}
			${refunds.filter((one) => one.status === 'succeeded').map((one) => button('fail-refund', { refund: one.id }, `Refund of ${money(one.amount, one.currency)} fails`))}
		</td>
	</tr>`;
};

const refundForms = (intent: string, left: number): Html =>
	html`${button('refund', { payment_intent: intent }, 'Refund all')}
		<form method="post" action="/__control/refund" class="row">
			<input type="hidden" name="payment_intent" value="${intent}" />
			<label
				>Cents
				<input type="number" name="amount" min="1" max="${left}" value="${Math.min(left, 500)}"
			/></label>
			<button>Refund part</button>
		</form>`;

const button = (act: string, fields: Record<string, string>, words: string): Html =>
	html`<form method="post" action="/__control/${act}">
		${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
		<button>${words}</button>
	</form>`;
