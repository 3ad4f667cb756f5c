import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startMail } from '../../../../../tests/sandbox/mail/index.ts';
import type { Mailer } from '../../domain/ports.ts';
import { mailTemplates, type MailTemplate } from '../../domain/mail.ts';
import { resendMailer, type ResendConfig } from './index.ts';

let service: Awaited<ReturnType<typeof startMail>>;
let config: ResendConfig;
let mailer: Mailer;

beforeAll(async () => {
	service = await startMail({ httpPort: 0, smtpPort: 0, apiKey: 're_ours' });
	config = {
		apiUrl: service.url,
		apiKey: 're_ours',
		from: 'hello@haloprofile.test',
		sender: { name: 'HaloProfile', contact: 'privacy@haloprofile.test' },
		siteUrl: 'https://app.example',
	};
	mailer = resendMailer(config);
});
afterEach(() => control('reset'));
afterAll(() => service.stop());

const control = (path: string, body: unknown = {}) =>
	fetch(`${service.url}/__control/${path}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});

const mailbox = z.array(
	z.object({
		from: z.string(),
		to: z.array(z.string()),
		subject: z.string(),
		text: z.string(),
		html: z.string(),
	}),
);
const mails = async () =>
	mailbox.parse(await (await fetch(`${service.url}/__control/mails`)).json());
/** The one mail that there is. */
const theMail = async () => {
	const found = await mails();
	expect(found).toHaveLength(1);
	return mailbox.element.parse(found[0]);
};

const shoot_id = '5f4f6a3e-0000-4000-8000-000000000001';
const letters = {
	order_paid: {
		shoot_id,
		offer_name: 'Signature',
		headshot_count: 60,
		amount: 4900,
		currency: 'usd',
	},
	portraits_ready: { shoot_id, count: 60 },
	training_failed: { shoot_id, failure: 'no_face' },
	order_refunded: { shoot_id, amount: 4900, currency: 'usd' },
	export_made: {},
	refund_failed: { amount: 4900, currency: 'usd' },
	promotion_used: {},
	plan_paid: {
		plan: 'Monthly',
		headshot_count: 20,
		amount: 1500,
		currency: 'usd',
		until: '25 December 2026',
	},
	plan_payment_failed: { plan: 'Monthly', next: '28 December' },
	plan_ended: { plan: 'Monthly', left: 12 },
	dispute_opened: { amount: 4900, currency: 'usd' },
	photos_leaving: { shoot_id, count: 12, leave_at: '2026-12-24T09:00:00+00:00' },
	model_leaving: { shoot_id, extensions_left: 4, leave_at: '2026-12-24T09:00:00+00:00' },
	file_lost: { shoot_id, what: 'portrait' },
	alarms: { count: 2, lines: 'dead_job: send_mail 1\nledger: 2' },
	erased: { erasure_id: shoot_id },
	erasure_late: { erasure_id: shoot_id, days_left: 15, steps: 'provider' },
	takedown_confirm: { token: shoot_id },
	request_received: { kind: 'erasure', due_at: '2026-12-24T09:00:00+00:00' },
	request_closed: { kind: 'takedown', outcome: 'done' },
} satisfies Record<MailTemplate, Record<string, string | number>>;

const send = (
	template: MailTemplate,
	data: Record<string, string | number> = letters[template],
	name: string | null = 'Alex',
) => mailer.send({ to: 'alex@example.com', name, template, data, idempotencyKey: `${template}:1` });

const expected = {
	order_paid: [/^Thank you: Signature/, '$49', '60 portraits', `/shoots/${shoot_id}`],
	portraits_ready: [/ready/, '60 portraits', 'Nobody but you', `/shoots/${shoot_id}/gallery`],
	training_failed: [/did not work out/, 'No face', 'credit is back', `/shoots/${shoot_id}`],
	order_refunded: [/way back/, '$49', 'five to ten days', '/account'],
	refund_failed: [/sent our refund back/, '$49', 'yours again', '/account'],
	promotion_used: [/goes back/, 'once for a person', 'five to ten days', '/account'],
	plan_paid: [/20 portraits are yours/, '$15', 'until 25 December 2026', '/account'],
	plan_payment_failed: [/did not work/, 'on 28 December', 'stays yours', '/account'],
	plan_ended: [/has ended/, 'The 12 portraits', 'without an end', '/account'],
	dispute_opened: [/bank asks/, '$49', 'erasure of your account work as always', '/account'],
	export_made: [/copy of your data/, 'sign out everywhere', '/account'],
	photos_leaving: [/vanish on December 24, 2026/, 'the 12 photos', 'Your portraits stay', shoot_id],
	model_leaving: [/vanishes on December 24, 2026/, 'keep the model 7 days more', '/gallery'],
	alarms: [/^2 alarms/, 'dead_job: send_mail 1', 'operations.md', '/api/health'],
	file_lost: [/lost one of your portraits/, 'credit is back', `/shoots/${shoot_id}`],
	erased: [/receipt/, 'attached', 'final receipt', `/erasure/${shoot_id}`],
	erasure_late: [/late: 15 days left/, 'provider', 'tried again', `/erasure/${shoot_id}`],
	takedown_confirm: [/confirm/, 'within a day', `/takedown/confirm?token=${shoot_id}`],
	request_received: [
		/have your request/,
		'account erased',
		'by December 24, 2026',
		'/privacy#rights',
	],
	request_closed: [/answered/, 'pictures of you taken down', 'It is done', '/privacy#rights'],
} satisfies Record<MailTemplate, [RegExp, ...string[]]>;

describe.for(mailTemplates)('the letter %s', (template) => {
	test('says what happened and where to go on, as text and as HTML alike', async () => {
		await send(template);
		const mail = await theMail();
		const [subject, ...facts] = expected[template];
		expect(mail.subject).toMatch(subject);
		for (const fact of ['Alex', ...facts]) {
			expect(mail.text).toContain(fact);
			expect(mail.html).toContain(fact);
		}
	});

	test('loads nothing and counts nothing: no picture, no script, one link to our own site', async () => {
		await send(template);
		const { html } = await theMail();
		expect(html).not.toMatch(/<img|<script|<link|url\(|src=/i);
		const links = [...html.matchAll(/href="([^"]+)"/g)].map(([, url]) => new URL(url ?? '').origin);
		expect(links).toEqual(['https://app.example']);
		expect(html).toContain('<html lang="en">');
	});
});

test('a training that worked but gave no portrait is not called a failed training', async () => {
	await send('training_failed', { shoot_id, failure: 'no_portraits' });
	const { subject, text } = await theMail();
	expect(subject).toBe('Your portraits did not work out');
	expect(text).toContain('No portrait came out of it');
	expect(text).not.toContain('training credit');
});

test('the same letter sent twice arrives once, at one person', async () => {
	await send('portraits_ready');
	await send('portraits_ready');
	expect(await theMail()).toMatchObject({
		to: ['alex@example.com'],
		from: 'HaloProfile <hello@haloprofile.test>',
	});
});

test('a name is text, not HTML, and may be missing', async () => {
	await send('portraits_ready', letters.portraits_ready, '<b onload="x">Al & Jo</b>');
	const { html, text } = await theMail();
	expect(html).toContain('Hello &lt;b onload=&quot;x&quot;&gt;Al &amp; Jo&lt;/b&gt;,');
	expect(text).toContain('Hello <b onload="x">Al & Jo</b>,');
	await control('reset');
	await send('portraits_ready', letters.portraits_ready, null);
	expect((await theMail()).text).toMatch(/^Hello,\n/);
});

test('one portrait is not "1 portraits"', async () => {
	await send('portraits_ready', { shoot_id, count: 1 });
	expect((await theMail()).text).toContain('One portrait is waiting');
});

test('a shoot that is gone leads to the list of shoots', async () => {
	await send('order_paid', { ...letters.order_paid, shoot_id: '' });
	expect((await theMail()).text).toContain('https://app.example/shoots\n');
});

test('a letter whose facts are missing is not sent at all', async () => {
	await expect(send('order_paid', { shoot_id })).rejects.toThrow();
	expect(await mails()).toEqual([]);
});

test('a refusal is an error that names its kind and not the person', async () => {
	await control('scenario', { tooMany: true });
	await expect(send('portraits_ready')).rejects.toThrow('HTTP 429 rate_limit_exceeded');
	await control('scenario', { refuse: true });
	await expect(send('portraits_ready')).rejects.toThrow('HTTP 403 validation_error');
	await expect(
		resendMailer({ ...config, apiKey: 're_other' }).send({
			to: 'alex@example.com',
			name: null,
			template: 'portraits_ready',
			data: letters.portraits_ready,
			idempotencyKey: 'k',
		}),
	).rejects.toThrow(/^mail service: HTTP 403 invalid_api_key$/);
	expect(await mails()).toEqual([]);
});
