import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { control, goodCard, open, stripe, submit } from './under-test.ts';

const apiVersion = '2026-10-28.preview';
const job = z.object({ id: z.string(), status: z.string() });
const ask = async (method: 'GET' | 'POST', path = '', params: object = {}) =>
	job.parse(
		await stripe.rawRequest(method, `/v1/privacy/redaction_jobs${path}`, params, { apiVersion }),
	);
const errors = async (id: string) =>
	z
		.object({ data: z.array(z.object({ code: z.string(), erroring_object: z.unknown() })) })
		.parse(
			await stripe.rawRequest(
				'GET',
				`/v1/privacy/redaction_jobs/${id}/validation_errors`,
				{},
				{ apiVersion },
			),
		).data;

const aPayer = async () => {
	const { id, url } = await open();
	await submit(url, goodCard);
	const { customer, payment_intent } = await stripe.checkout.sessions.retrieve(id);
	return { session: id, customer: String(customer), intent: String(payment_intent) };
};
const about = (customer: string, validation_behavior = 'fix') => ({
	objects: { customers: [customer] },
	validation_behavior,
});

describe('a redaction job', () => {
	test('refuses a charge that is younger than 90 days, and takes it when it is older', async () => {
		const { customer } = await aPayer();
		const early = await ask('POST', '', about(customer));
		expect(early.status).toBe('validating');
		expect((await ask('GET', `/${early.id}`)).status).toBe('failed');
		expect(await errors(early.id)).toMatchObject([{ code: 'invalid_state' }]);
		await expect(ask('POST', `/${early.id}/run`)).rejects.toThrow('status is failed');
		await control('advance', { customer, days: 91 });
		await ask('POST', `/${early.id}/validate`);
		expect((await ask('GET', `/${early.id}`)).status).toBe('ready');
	});

	test('is run once, and makes unreadable who paid', async () => {
		const { customer, session } = await aPayer();
		await stripe.customers.del(customer);
		await control('advance', { customer, days: 91 });
		const { id } = await ask('POST', '', about(customer));
		await ask('GET', `/${id}`);
		expect((await ask('POST', `/${id}/run`)).status).toBe('redacting');
		await expect(ask('POST', `/${id}/run`)).rejects.toThrow('status is redacting');
		await control('finish-redaction', { job: id });
		expect((await ask('GET', `/${id}`)).status).toBe('succeeded');
		const left = await stripe.checkout.sessions.retrieve(session, {
			expand: ['payment_intent.latest_charge'],
		});
		expect(JSON.stringify(left)).not.toContain('alex@example.com');
		expect(JSON.stringify(left)).not.toContain('order-1"}');
	});

	test('of what another job holds is not ready', async () => {
		const { customer } = await aPayer();
		await control('advance', { customer, days: 91 });
		const first = await ask('POST', '', about(customer));
		await ask('GET', `/${first.id}`);
		const second = await ask('POST', '', about(customer));
		expect((await ask('GET', `/${second.id}`)).status).toBe('failed');
		expect(await errors(second.id)).toMatchObject([{ code: 'locked_by_other_job' }]);
		expect((await ask('POST', `/${first.id}/cancel`)).status).toBe('canceled');
	});

	test('is spoken of in the preview version only, and names what exists', async () => {
		await expect(
			stripe.rawRequest('POST', '/v1/privacy/redaction_jobs', about('cus_x')),
		).rejects.toThrow(Stripe.errors.StripeInvalidRequestError);
		await expect(ask('POST', '', about('cus_x'))).rejects.toThrow("No such customer: 'cus_x'");
	});
});
