/** Pages that Stripe hosts for a payment's afterlife: the invoice, its PDF, the receipt. */
import { Hono } from 'hono';
import { html } from 'hono/html';
import { page, type Html } from '../console.ts';
import type { Account, Invoice } from './account.ts';
import { money } from './money.ts';
import { linesAsPdf } from './pdf.ts';

export const accountPages = (account: Account): Hono => {
	const pages = new Hono();

	pages.get('/i/:id', (context) => {
		const invoice = account.invoices.get(context.req.param('id'));
		return invoice === undefined ? context.html(unknown, 404) : context.html(invoicePage(invoice));
	});

	pages.get('/i/:id/pdf', (context) => {
		const invoice = account.invoices.get(context.req.param('id'));
		if (invoice === undefined) return context.html(unknown, 404);
		return context.body(linesAsPdf(invoiceLines(invoice)), 200, {
			'content-type': 'application/pdf',
			'content-disposition': `attachment; filename="Invoice-${invoice.number}.pdf"`,
		});
	});

	pages.get('/receipts/:id', (context) => {
		const intent = account.paymentIntents.get(context.req.param('id'));
		return intent === undefined
			? context.html(unknown, 404)
			: context.html(
					page(
						'Receipt',
						html`<h1>Receipt</h1>
							<p class="big figures">${money(intent.amount, intent.currency)}</p>
							<p>${intent.status} · ${dayOf(intent.created)}</p>`,
					),
				);
	});
	return pages;
};

const dayOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

const unknown = page(
	'Not available',
	html`<h1>There is nothing here</h1>
		<p>Please check the address.</p>`,
);

const invoiceLines = (invoice: Invoice): string[] => [
	`Invoice ${invoice.number}`,
	`${invoice.account_name}`,
	`To: ${invoice.customer_name ?? ''} ${invoice.customer_email ?? ''}`,
	`Date: ${dayOf(invoice.created)}`,
	...invoice.lines.data.map((line) => `${line.description}: ${money(line.amount, line.currency)}`),
	`Discount: ${money(invoice.subtotal - invoice.total, invoice.currency)}`,
	`Total: ${money(invoice.total, invoice.currency)}`,
	`Paid: ${money(invoice.amount_paid, invoice.currency)}`,
];

const invoicePage = (invoice: Invoice): Html => {
	const [title = 'Invoice', ...lines] = invoiceLines(invoice);
	return page(
		title,
		html`<p class="faint">Sandbox, in Stripe’s place.</p>
			<h1>${title}</h1>
			<ul>
				${lines.map((line) => html`<li>${line}</li>`)}
			</ul>
			<p><a class="button" href="${invoice.invoice_pdf}">Download the invoice</a></p>`,
	);
};
