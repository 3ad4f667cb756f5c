/** The hosted checkout page: open, completed or timed out. */
import { html, raw } from 'hono/html';
import { page, type Html } from '../console.ts';
import type { Account, CheckoutSession } from './account.ts';
import type { Form } from './checkout.ts';
import { money } from './money.ts';
import { promotionById } from './promotions.ts';

/** Stripe replaces the literal placeholder only. */
export const successUrl = ({ session }: CheckoutSession): string =>
	(session.success_url ?? '/').replaceAll('{CHECKOUT_SESSION_ID}', session.id);

/** The address the page shows and does not let the person change. */
export const knownEmail = (account: Account, { session }: CheckoutSession): string | null => {
	const customer = account.customers.get(String(session.customer));
	return customer !== undefined && customer.deleted !== true
		? customer.email
		: session.customer_email;
};

export const missing = page(
	'Not available',
	html`<h1>Something is not right</h1>
		<p>The page you were looking for could not be found. Please check the address.</p>`,
);

export const checkoutPage = (
	account: Account,
	checkout: CheckoutSession,
	form: Form,
	trouble?: string,
): Html => {
	const { session } = checkout;
	if (session.status === 'complete')
		return page(
			'All done',
			html`<h1>You are all done here</h1>
				<p>This payment is completed already. There is nothing left to do.</p>
				<p><a class="button" href="${successUrl(checkout)}">Go back to the shop</a></p>`,
		);
	if (session.status !== 'open')
		return page(
			'Timed out',
			html`<h1>This page has timed out</h1>
				<p>Nothing was paid. Go back to start again.</p>
				${session.cancel_url === null ? '' : html`<p><a class="button" href="${session.cancel_url}">Go back</a></p>`}`,
		);
	return page(
		`Pay ${money(session.amount_total, session.currency)}`,
		html`<p class="faint">Sandbox checkout, in Stripe’s place. No money moves.</p>
			${session.cancel_url === null ? '' : html`<p><a href="${session.cancel_url}">← Close and go back</a></p>`}
			${trouble === undefined ? '' : html`<p class="alert" role="alert">${trouble}</p>`}
			<div class="columns">${summary(checkout, form)} ${payment(account, checkout, form)}</div>`,
	);
};

const summary = ({ session, items }: CheckoutSession, form: Form): Html => {
	const applied = promotionById(String(session.discounts?.[0]?.promotion_code));
	return html`<section aria-label="Order">
		<h1>${items.map((item) => item.description).join(', ')}</h1>
		<p class="big figures">${money(session.amount_total, session.currency)}</p>
		<table>
			${items.map(
				(item) =>
					html`<tr>
						<td>${item.description}${item.quantity === 1 ? '' : ` × ${item.quantity}`}</td>
						<td class="figures">${money(item.amount_subtotal, item.currency)}</td>
					</tr>`,
			)}
			${
				applied === undefined
					? ''
					: html`<tr>
							<td>${applied.code} (${applied.percentOff}% off)</td>
							<td class="figures">
								−${money(session.total_details?.amount_discount ?? 0, session.currency)}
							</td>
						</tr>`
			}
			<tr>
				<th scope="row">Total due</th>
				<td class="figures"><strong>${money(session.amount_total, session.currency)}</strong></td>
			</tr>
		</table>
		${session.allow_promotion_codes !== true ? '' : promotionForm(applied !== undefined, form)}
	</section>`;
};

const promotionForm = (isApplied: boolean, form: Form): Html =>
	isApplied
		? html`<form method="post">
				<p><button name="act" value="no_code">Remove the code</button></p>
			</form>`
		: html`<form method="post">
				<p>
					<label
						>Promotion code
						<input name="promotion_code" value="${form.promotion_code}" autocomplete="off" required
					/></label>
				</p>
				<p class="row">
					<button name="act" value="code">Apply</button> <small>Try HALO20 or FREE100.</small>
				</p>
			</form>`;

const payment = (account: Account, checkout: CheckoutSession, form: Form): Html => {
	const email = knownEmail(account, checkout);
	const isFree = checkout.session.amount_total === 0;
	return html`<form method="post" class="sheet" aria-label="Payment">
		<p>
			<label
				>Email
				<input
					type="email"
					name="email"
					autocomplete="email"
					required
					value="${email ?? form.email}"
					${email === null ? '' : raw('readonly')}
			/></label>
		</p>
		${
			isFree
				? html`<p>No payment required.</p>`
				: html`<p>
							<label
								>Card number
								<input
									name="card"
									inputmode="numeric"
									autocomplete="cc-number"
									value="${form.card}"
							/></label>
						</p>
						<p>
							<label
								>Expiry
								<input
									name="expiry"
									inputmode="numeric"
									autocomplete="cc-exp"
									value="${form.expiry}"
							/></label>
						</p>
						<p>
							<label
								>CVC
								<input name="cvc" inputmode="numeric" autocomplete="cc-csc" value="${form.cvc}"
							/></label>
						</p>
						<p>
							<label
								>Name on card <input name="name" autocomplete="cc-name" value="${form.name}"
							/></label>
						</p>`
		}
		<p>
			<button class="main" name="act" value="pay">
				${isFree ? 'Complete order' : `Pay ${money(checkout.session.amount_total, checkout.session.currency)}`}
			</button>
		</p>
		<h2>Other ends to try</h2>
		<p class="row">
			${isFree ? '' : html`<button name="act" value="decline">Card is declined</button> <button name="act" value="debit">Pay later by bank debit</button>`}
			<button name="act" value="expire" formnovalidate>Let this page expire</button>
		</p>
		<p class="faint">
			Cards: 4242 4242 4242 4242 pays, 4000 0000 0000 0002 is declined. A bank debit settles or
			comes back from the console at <a href="${account.origin}/">${account.origin}</a>.
		</p>
	</form>`;
};
