import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Mailer, MailTemplate } from '../../domain/ports.ts';
import { resendMailer } from './index.ts';

type Sent = { from: string; to: string[]; subject: string; text: string; html: string };

let seen: { headers: Record<string, unknown>; body: Sent }[] = [];
let reply: [number, unknown];
let server: Server;
let mailer: Mailer;

beforeAll(async () => {
	server = createServer((request, response) => {
		let body = '';
		request.on('data', (chunk) => (body += String(chunk)));
		request.on('end', () => {
			seen.push({ headers: { ...request.headers, url: request.url }, body: JSON.parse(body) });
			response.writeHead(reply[0], { 'content-type': 'application/json' });
			response.end(JSON.stringify(reply[1]));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	mailer = resendMailer({
		apiUrl: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
		apiKey: 're_key',
		from: 'HaloProfile <hello@haloprofile.test>',
		siteUrl: 'https://app.example',
	});
});
beforeEach(() => {
	seen = [];
	reply = [200, { id: '49a3999c-0ce1-4ea6-ab68-afcd6dc2e794' }];
});
afterAll(() => server.close());

const shoot_id = '5f4f6a3e-0000-4000-8000-000000000001';
const letters = {
	order_paid: {
		shoot_id,
		offer_name: 'Signature',
		headshot_count: 60,
		amount: 4900,
		currency: 'usd',
	},
	portraits_ready: { shoot_id, headshot_count: 60 },
	training_failed: { shoot_id, failure: 'no_face' },
	order_refunded: { shoot_id, amount: 4900, currency: 'usd' },
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
} satisfies Record<MailTemplate, [RegExp, ...string[]]>;

describe.for(['order_paid', 'portraits_ready', 'training_failed', 'order_refunded'] as const)(
	'the letter %s',
	(template) => {
		test('says what happened and where to go on, as text and as HTML alike', async () => {
			await send(template);
			const [mail] = seen;
			const [subject, ...facts] = expected[template];
			expect(mail?.body.subject).toMatch(subject);
			for (const fact of ['Alex', ...facts]) {
				expect(mail?.body.text).toContain(fact);
				expect(mail?.body.html).toContain(fact);
			}
		});

		test('loads nothing and counts nothing: no picture, no script, one link to our own site', async () => {
			await send(template);
			const html = seen[0]?.body.html ?? '';
			expect(html).not.toMatch(/<img|<script|<link|url\(|src=/i);
			expect(
				[...html.matchAll(/href="([^"]+)"/g)].map(([, url]) => new URL(url ?? '').origin),
			).toEqual(['https://app.example']);
			expect(html).toContain('<html lang="en">');
		});
	},
);

test('carries the key that makes a second try harmless, and goes to one person', async () => {
	await send('portraits_ready');
	expect(seen).toHaveLength(1);
	expect(seen[0]).toMatchObject({
		headers: {
			url: '/emails',
			authorization: 'Bearer re_key',
			'idempotency-key': 'portraits_ready:1',
		},
		body: { to: ['alex@example.com'], from: 'HaloProfile <hello@haloprofile.test>' },
	});
});

test('a name is text, not HTML, and may be missing', async () => {
	await send('portraits_ready', letters.portraits_ready, '<b onload="x">Al & Jo</b>');
	expect(seen[0]?.body.html).toContain(
		'Hello &lt;b onload=&quot;x&quot;&gt;Al &amp; Jo&lt;/b&gt;,',
	);
	expect(seen[0]?.body.text).toContain('Hello <b onload="x">Al & Jo</b>,');
	await send('portraits_ready', letters.portraits_ready, null);
	expect(seen[1]?.body.text).toMatch(/^Hello,\n/);
});

test('a shoot that is gone leads to the list of shoots', async () => {
	await send('order_paid', { ...letters.order_paid, shoot_id: '' });
	expect(seen[0]?.body.text).toContain('https://app.example/shoots\n');
});

test('a letter whose facts are missing is not sent at all', async () => {
	await expect(send('order_paid', { shoot_id })).rejects.toThrow();
	expect(seen).toEqual([]);
});

test('a refusal names its kind and not the person', async () => {
	reply = [
		422,
		{ statusCode: 422, name: 'validation_error', message: 'Invalid `to`: alex@example.com' },
	];
	const error = await send('portraits_ready').catch((thrown: unknown) => String(thrown));
	expect(error).toContain('HTTP 422 validation_error');
	expect(error).not.toContain('alex');
	reply = [200, { nothing: true }];
	await expect(send('portraits_ready')).rejects.toThrow('HTTP 200');
});
