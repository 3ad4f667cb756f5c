/** The customer portal: a session opens it, and a person cancels, resumes, switches, or changes the card. */
import { Hono } from 'hono';
import { html } from 'hono/html';
import { z } from 'zod';
import { page, type Html } from '../console.ts';
import type { Account, Contract } from './account.ts';
import { byPerson } from './account.ts';
import { openInvoices, payInvoice } from './billing.ts';
import { text } from './form.ts';
import { money } from './money.ts';
import { invalid, noSuchParam } from './refusals.ts';
import { itemOf } from './subscription-object.ts';
import { contractsOf, setEnding, switchPlan } from './subscriptions.ts';

export const portalParams = z.strictObject({
	customer: text,
	return_url: text.optional(),
	locale: text.optional(),
	configuration: text.optional(),
	flow_data: z
		.strictObject({
			type: z.enum(['payment_method_update', 'subscription_cancel', 'subscription_update']),
			subscription_cancel: z.strictObject({ subscription: text }).optional(),
			subscription_update: z.strictObject({ subscription: text }).optional(),
			after_completion: z.unknown().optional(),
		})
		.optional(),
	expand: z.array(text).optional(),
});

export const portalSession = (
	account: Account,
	params: z.output<typeof portalParams>,
): Record<string, unknown> => {
	const customer = account.customers.get(params.customer);
	if (customer === undefined || customer.deleted === true)
		throw noSuchParam('customer', params.customer, 'customer');
	if (params.return_url !== undefined && !URL.canParse(params.return_url))
		throw invalid('Not a valid URL', 'return_url', 'url_invalid');
	const about =
		params.flow_data?.subscription_cancel?.subscription ??
		params.flow_data?.subscription_update?.subscription;
	if (
		about !== undefined &&
		account.subscriptions.get(about)?.subscription.customer !== customer.id
	)
		throw noSuchParam('subscription', about, 'flow_data[subscription_cancel][subscription]');
	const id = account.newId('bps_1');
	const url = `${account.origin}/p/session/${account.newId('live_', 40)}`;
	account.portals.set(url, { customer: customer.id, back: params.return_url ?? null });
	return {
		id,
		object: 'billing_portal.session',
		configuration: params.configuration ?? 'bpc_1SandboxPortal',
		created: account.now(),
		customer: customer.id,
		customer_account: null,
		flow: params.flow_data === undefined ? null : { type: params.flow_data.type },
		livemode: account.scenario.liveMode,
		locale: params.locale ?? null,
		on_behalf_of: null,
		return_url: params.return_url ?? null,
		url,
	};
};

const acts = z.object({
	act: z.enum(['cancel', 'resume', 'switch', 'card']),
	subscription: z.string().default(''),
	price: z.string().default(''),
	card: z.enum(['good', 'declined']).default('good'),
});

export const portalPages = (account: Account): Hono => {
	const pages = new Hono();
	const opened = (path: string) => {
		const portal = account.portals.get(`${account.origin}${path}`);
		const customer = account.customers.get(portal?.customer ?? '');
		return portal === undefined || customer === undefined || customer.deleted === true
			? undefined
			: { ...portal, email: customer.email };
	};
	pages.get('/p/session/:session', (context) => {
		const portal = opened(context.req.path);
		return portal === undefined
			? context.html(gone, 404)
			: context.html(portalPage(account, portal));
	});
	pages.post('/p/session/:session', async (context) => {
		const portal = opened(context.req.path);
		if (portal === undefined) return context.html(gone, 404);
		const wanted = acts.safeParse(await context.req.parseBody());
		if (!wanted.success) return context.html(portalPage(account, portal), 422);
		perform(account, portal.customer, wanted.data);
		account.save();
		return context.redirect(context.req.path, 303);
	});
	return pages;
};

/** Also for the control plane: what a customer does in the portal. */
export const perform = (
	account: Account,
	customer: string,
	wanted: z.output<typeof acts>,
): void => {
	const contract = contractsOf(account, customer).find(
		({ subscription }) =>
			subscription.status !== 'canceled' &&
			(wanted.subscription === '' || subscription.id === wanted.subscription),
	);
	if (contract === undefined) throw invalid('This customer has no subscription.', 'customer');
	const { subscription } = contract;
	switch (wanted.act) {
		case 'cancel':
		case 'resume':
			setEnding(account, subscription, wanted.act === 'cancel');
			account.emit('customer.subscription.updated', subscription, byPerson);
			return;
		case 'switch': {
			const price = [...account.prices.values()].find(
				({ id, lookup_key }) => id === wanted.price || lookup_key === wanted.price,
			);
			if (price === undefined) throw noSuchParam('price', wanted.price, 'price');
			switchPlan(account, contract, price);
			return;
		}
		case 'card':
			contract.isCardGood = wanted.card === 'good';
			// Who gives a good card pays what is owed.
			if (contract.isCardGood)
				for (const { id } of openInvoices(account, contract)) payInvoice(account, id);
	}
};

export { acts as portalActs };

const gone = page(
	'Not available',
	html`<h1>This page has timed out</h1>
		<p>Go back to the shop and open it again.</p>`,
);

const dayOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

const portalPage = (
	account: Account,
	{ customer, email, back }: { customer: string; email: string | null; back: string | null },
): Html => {
	const invoices = [...account.invoices.values()].filter((one) => one.customer === customer);
	return page(
		'Billing',
		html`<p class="faint">Sandbox billing portal, in Stripe’s place.</p>
			<h1>Billing of ${email}</h1>
			${back !== null && /^https?:/.test(back) ? html`<p><a class="button" href="${back}">Return</a></p>` : ''}
			${contractsOf(account, customer)
				.reverse()
				.map((contract) => contractSection(account, contract))}
			<h2>Invoices</h2>
			<ul>
				${invoices.map((invoice) => html`<li><a href="${invoice.hosted_invoice_url}">${invoice.number}</a> ${money(invoice.total, invoice.currency)}, ${dayOf(invoice.created)}, ${invoice.status}</li>`)}
			</ul>
			${invoices.length === 0 ? html`<p>No invoices yet.</p>` : ''}`,
	);
};

const contractSection = (account: Account, contract: Contract): Html => {
	const { subscription } = contract;
	const item = itemOf(subscription);
	const isOver = subscription.status === 'canceled';
	return html`<section aria-label="Subscription">
		<h2>${item.price.nickname}</h2>
		<p>
			${money(item.price.unit_amount, item.price.currency)} a month,
			${isOver ? 'ended' : subscription.cancel_at_period_end ? `ends on ${dayOf(item.current_period_end)}` : `renews on ${dayOf(item.current_period_end)}`}
			(${subscription.status})
		</p>
		${
			isOver
				? ''
				: html`<form method="post" class="row">
							<input type="hidden" name="subscription" value="${subscription.id}" />
							${
								subscription.cancel_at_period_end
									? html`<button name="act" value="resume">Don’t cancel plan</button>`
									: html`<button name="act" value="cancel">Cancel plan</button>`
							}
						</form>
						${[...account.prices.values()]
							.filter(({ id, recurring }) => recurring !== null && id !== item.price.id)
							.map(
								(price) =>
									html`<form method="post" class="row">
										<input type="hidden" name="subscription" value="${subscription.id}" />
										<input type="hidden" name="price" value="${price.id}" />
										<button name="act" value="switch">
											${contract.nextPrice === price.id ? 'Switch is planned: ' : 'Switch to '}${price.nickname},
											${money(price.unit_amount, price.currency)}
										</button>
									</form>`,
							)}
						<form method="post" class="row">
							<input type="hidden" name="subscription" value="${subscription.id}" />
							<label
								>Card
								<select name="card">
									<option value="good">4242 4242 4242 4242</option>
									<option value="declined">4000 0000 0000 0341 (declined from now on)</option>
								</select></label
							>
							<button name="act" value="card">Use this card</button>
						</form>`
		}
	</section>`;
};
