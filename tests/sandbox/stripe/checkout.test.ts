import { describe, expect, test } from 'vitest';
import {
	control,
	eventTypes,
	goodCard,
	open,
	raw,
	received,
	stripe,
	submit,
} from './under-test.ts';

describe('the hosted page', () => {
	test('shows the item, the amount and the e-mail', async () => {
		const session = await open();
		const text = await (await fetch(session.url ?? '')).text();
		expect(text).toContain('Essential');
		expect(text).toContain('$29.00');
		expect(text).toContain('value="alex@example.com"');
	});

	test('a good card pays once, however often the button is pressed', async () => {
		const session = await open();
		const [one, two] = await Promise.all([
			submit(session.url, goodCard),
			submit(session.url, goodCard),
		]);
		for (const answer of [one, two])
			expect(answer.headers.get('location')).toBe(
				`http://127.0.0.1:57330/return?session=${session.id}`,
			);
		const paid = await stripe.checkout.sessions.retrieve(session.id, {
			expand: ['payment_intent.latest_charge', 'line_items', 'invoice'],
		});
		expect(paid).toMatchObject({
			status: 'complete',
			payment_status: 'paid',
			amount_subtotal: 2900,
			amount_total: 2900,
			currency: 'usd',
			url: null,
			client_reference_id: 'order-1',
			metadata: { order_id: 'order-1' },
			livemode: false,
			payment_intent: {
				status: 'succeeded',
				metadata: { order_id: 'order-1' },
				latest_charge: { amount: 2900, amount_refunded: 0, paid: true },
			},
			invoice: { status: 'paid', parent: null },
			line_items: { data: [{ description: 'Essential', price: { unit_amount: 2900 } }] },
		});
		expect(paid.customer).toMatch(/^cus_/);
		const log = await (await raw('/__control/log')).json();
		expect(log.charges).toHaveLength(1);
		await expect.poll(eventTypes).toEqual(['invoice.paid', 'checkout.session.completed']);
	});

	test('a declined card stays on the page, says why, and may be followed by a good one', async () => {
		const session = await open();
		for (const fields of [
			{ ...goodCard, card: '4000 0000 0000 0002' },
			{ ...goodCard, act: 'decline' },
		]) {
			const refused = await submit(session.url, fields);
			expect(refused.status).toBe(422);
			expect(await refused.text()).toContain('Your card was declined');
		}
		expect((await submit(session.url, { ...goodCard, card: '4242 4242 4242 4241' })).status).toBe(
			422,
		);
		expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
			status: 'open',
			payment_status: 'unpaid',
			payment_intent: null,
		});
		expect((await submit(session.url, goodCard)).status).toBe(303);
	});

	test('a bank debit completes unpaid and is paid, or fails, later', async () => {
		for (const outcome of ['succeeded', 'failed'] as const) {
			received.length = 0;
			const session = await open();
			await submit(session.url, { act: 'debit', name: 'Alex' });
			expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
				status: 'complete',
				payment_status: 'unpaid',
				invoice: null,
			});
			await expect.poll(eventTypes).toEqual(['checkout.session.completed']);
			await control('settle-debit', { session: session.id, outcome });
			await expect.poll(eventTypes).toContain(`checkout.session.async_payment_${outcome}`);
			expect((await stripe.checkout.sessions.retrieve(session.id)).payment_status).toBe(
				outcome === 'succeeded' ? 'paid' : 'unpaid',
			);
			expect((await control('settle-debit', { session: session.id, outcome })).status).toBe(422);
		}
	});

	test('a promotion code takes its part off, and one of 100 % asks for no payment', async () => {
		const session = await open();
		expect((await submit(session.url, { act: 'code', promotion_code: 'NOTHING' })).status).toBe(
			422,
		);
		await submit(session.url, { act: 'code', promotion_code: 'halo20' });
		expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
			amount_subtotal: 2900,
			amount_total: 2320,
			total_details: { amount_discount: 580 },
		});
		await submit(session.url, { act: 'code', promotion_code: 'FREE100' });
		await submit(session.url, { act: 'pay' });
		expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
			status: 'complete',
			payment_status: 'no_payment_required',
			amount_total: 0,
			payment_intent: null,
		});
		const { data } = await stripe.promotionCodes.list({ code: 'FREE100' });
		expect(data).toMatchObject([{ active: true, times_redeemed: 1 }]);
	});

	test('an expired page takes no payment', async () => {
		const session = await open();
		const page = session.url ?? '';
		await stripe.checkout.sessions.expire(session.id);
		await submit(page, goodCard);
		expect(await (await fetch(page)).text()).toContain('timed out');
		expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
			status: 'expired',
			url: null,
			payment_intent: null,
		});
		await expect(stripe.checkout.sessions.expire(session.id)).rejects.toThrow(
			/status of `expired`/,
		);
		await expect.poll(eventTypes).toEqual(['checkout.session.expired']);
	});

	test('the invoice has a page and a PDF, and the portal lists it', async () => {
		const session = await open();
		await submit(session.url, goodCard);
		const paid = await stripe.checkout.sessions.retrieve(session.id);
		const invoice = await stripe.invoices.retrieve(String(paid.invoice));
		expect(await (await fetch(invoice.hosted_invoice_url ?? '')).text()).toContain('$29.00');
		expect(await (await fetch(invoice.invoice_pdf ?? '')).text()).toMatch(/^%PDF-1\.4/);
		const portal = await stripe.billingPortal.sessions.create({
			customer: String(paid.customer),
			return_url: 'http://127.0.0.1:57330/account',
		});
		expect(await (await fetch(portal.url)).text()).toContain(invoice.number);
	});
});
