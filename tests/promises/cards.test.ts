import { createHmac, randomUUID } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aCustomer, aPaidShoot, openCheckout, quiet, ring } from '../flow/world.ts';
import { holding, logged } from './everywhere.ts';
import { theStack } from './world.ts';

const stack = theStack();
const root = join(import.meta.dirname, '../..');

const secrets = {
	card: '4242424242424242',
	spaced: '4000 0566 5566 5556',
	iban: 'DE89370400440532013000',
	holder: 'Canary Cardholder',
	street: '1 Canary Street',
};

/** An event as Stripe signs it, with something of a card in every field that takes words. */
async function ringStripe(session: string): Promise<number> {
	const body = JSON.stringify({
		id: `evt_${randomUUID().replaceAll('-', '')}`,
		object: 'event',
		type: 'checkout.session.completed',
		created: Math.floor(Date.now() / 1000),
		livemode: false,
		api_version: '2026-10-28.endive',
		request: { id: null, idempotency_key: secrets.card },
		data: {
			object: {
				id: session,
				object: 'checkout.session',
				customer_details: { name: secrets.holder, address: { line1: secrets.street } },
				metadata: { note: secrets.card, other: secrets.spaced },
				payment_method_details: {
					card: { number: secrets.card },
					sepa_debit: { iban: secrets.iban },
				},
			},
		},
	});
	const at = Math.floor(Date.now() / 1000);
	const signature = createHmac('sha256', stack.keys.stripeWebhook)
		.update(`${at}.${body}`)
		.digest('hex');
	const response = await fetch(`${stack.urls.functions}/stripe-webhook`, {
		method: 'POST',
		headers: { 'stripe-signature': `t=${at},v1=${signature}`, 'content-type': 'application/json' },
		body,
	});
	await response.arrayBuffer();
	return response.status;
}

test('P-05 · What looks like a card or an account number reaches neither the database nor a log', async () => {
	const { person, shootId } = await aCustomer(stack);
	const session = await openCheckout(stack, person, shootId);
	expect(await ringStripe(session)).toBe(200);
	await ring(stack, 'run-jobs');
	await quiet(stack);
	await aPaidShoot(stack);
	expect(await holding(stack, session), 'the event itself arrived').toContain(
		'private.webhook_events',
	);
	for (const [what, secret] of Object.entries(secrets)) {
		expect(await holding(stack, secret), what).toEqual([]);
		expect(logged(stack, secret), what).toEqual([]);
	}
});

test('P-44 · No column is for a card, and no page has a field for one', async () => {
	const columns = await stack.sql`
		select table_name, column_name from information_schema.columns
		where table_schema in ('public', 'private')
			and column_name ~* '(card|pan|cvc|cvv|iban|bank|expiry|exp_month)'`;
	expect([...columns]).toEqual([]);
	const templates = globSync('src/**/*.svelte', { cwd: root });
	expect(templates.length).toBeGreaterThan(20);
	const fields = /autocomplete="cc-|name="(card|cvc|cvv|iban|number)/i;
	expect(templates.filter((file) => fields.test(readFileSync(join(root, file), 'utf8')))).toEqual(
		[],
	);
});

test('P-16 · The payment is made at Stripe: our form leads there and may lead nowhere else, and no script of theirs runs here', async () => {
	const { person, shootId } = await aCustomer(stack);
	const session = await openCheckout(stack, person, shootId);
	expect(session).toMatch(/^cs_/);
	const policy = (await fetch(stack.urls.app)).headers.get('content-security-policy') ?? '';
	const directive = (name: string) =>
		policy.split('; ').find((line) => line.startsWith(`${name} `)) ?? '';
	expect(directive('form-action')).toBe(`form-action 'self' ${stack.urls.stripe}`);
	expect(directive('script-src')).not.toMatch(/https?:/);
	expect(directive('frame-src')).toBe('');
	expect(directive('default-src')).toBe("default-src 'none'");
	const shipped = globSync('build/client/**/*.js', { cwd: root });
	expect(
		shipped.filter((file) =>
			/js\.stripe\.com|hcaptcha/.test(readFileSync(join(root, file), 'utf8')),
		),
	).toEqual([]);
});
