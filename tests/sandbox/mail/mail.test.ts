import { SmtpEmailDriver } from '@supabase/lite';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startMail } from './index.ts';

const apiKey = 're_of_the_sandbox';
/** Below the ports that are lent to outgoing connections. */
const smtpPort = 26_439;
let mail: Awaited<ReturnType<typeof startMail>>;

beforeAll(async () => {
	mail = await startMail({ httpPort: 0, smtpPort, apiKey });
});
afterEach(() => control('reset'));
afterAll(() => mail.stop());

const control = (path: string, body: unknown = {}): Promise<Response> =>
	fetch(`${mail.url}/__control/${path}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});
const letter = {
	from: 'HaloProfile <hello@haloprofile.test>',
	to: ['Maya <maya@example.com>'],
	subject: 'Your portraits are ready',
	text: 'Open your gallery: http://127.0.0.1:57330/shoots/1',
	html: '<head></head><p>Ready</p><a href="http://127.0.0.1:57330/shoots/1?a=1&amp;b=2">Open</a>',
	headers: { 'X-Entity-Ref-ID': '1' },
};
const post = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
	fetch(`${mail.url}/emails`, {
		method: 'POST',
		headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...headers },
		body: JSON.stringify(body),
	});
const mailsSchema = z.array(
	z.object({
		id: z.string(),
		via: z.enum(['api', 'smtp']),
		to: z.array(z.string()),
		subject: z.string(),
		code: z.string().nullable(),
		links: z.array(z.string()),
		html: z.string().nullable(),
		text: z.string().nullable(),
	}),
);
const mails = async (to?: string) =>
	mailsSchema.parse(
		await (await fetch(`${mail.url}/__control/mails${to === undefined ? '' : `?to=${to}`}`)).json(),
	);

describe('the HTTP API', () => {
	test('takes a mail and answers with its id', async () => {
		const answer = await post(letter);
		expect(answer.status).toBe(200);
		const { id } = z.strictObject({ id: z.uuid() }).parse(await answer.json());
		expect(await mails()).toMatchObject([
			{
				id,
				via: 'api',
				subject: letter.subject,
				code: null,
				links: ['http://127.0.0.1:57330/shoots/1?a=1&b=2', 'http://127.0.0.1:57330/shoots/1'],
			},
		]);
	});

	test('finds the mails of one address, newest first', async () => {
		await post(letter);
		await post({ ...letter, to: 'jun@example.com' });
		await post({ ...letter, subject: 'Second' });
		expect((await mails('MAYA@example.com')).map(({ subject }) => subject)).toEqual([
			'Second',
			letter.subject,
		]);
		expect(await mails('jun@example.com')).toHaveLength(1);
		await fetch(`${mail.url}/__control/mails`, { method: 'DELETE' });
		expect(await mails()).toEqual([]);
	});

	test('sends once for one idempotency key, and refuses the key for another mail', async () => {
		const key = { 'idempotency-key': 'portraits_ready:1' };
		const [first, again] = [
			await (await post(letter, key)).json(),
			await (await post(letter, key)).json(),
		];
		expect(again).toEqual(first);
		const other = await post({ ...letter, subject: 'Other' }, key);
		expect(other.status).toBe(409);
		expect(await other.json()).toMatchObject({
			statusCode: 409,
			name: 'invalid_idempotent_request',
		});
		expect(await mails()).toHaveLength(1);
		expect((await post(letter, { 'idempotency-key': 'k'.repeat(257) })).status).toBe(400);
	});

	test('refuses a missing key with 401, a wrong one with 403, and keeps nothing', async () => {
		const none = await post(letter, { authorization: '' });
		expect(none.status).toBe(401);
		expect(await none.json()).toMatchObject({ name: 'missing_api_key' });
		const wrong = await post(letter, { authorization: 'Bearer re_wrong' });
		expect(wrong.status).toBe(403);
		expect(await wrong.json()).toMatchObject({ name: 'invalid_api_key' });
		expect(await mails()).toEqual([]);
	});

	test.each([
		[{ subject: undefined }, 'missing_required_field'],
		[{ to: [] }, 'missing_required_field'],
		[{ to: ['nobody'] }, 'validation_error'],
		[{ from: 'HaloProfile' }, 'validation_error'],
		[{ html: undefined, text: undefined }, 'validation_error'],
		[{ html: 7 }, 'validation_error'],
	])('refuses %j with 422', async (changes, name) => {
		const answer = await post({ ...letter, ...changes });
		expect(answer.status).toBe(422);
		expect(await answer.json()).toMatchObject({ statusCode: 422, name });
		expect(await mails()).toEqual([]);
	});
});

describe('SMTP', () => {
	const send = () =>
		new SmtpEmailDriver({
			host: '127.0.0.1',
			port: smtpPort,
			from: { name: 'HaloProfile', address: 'hello@haloprofile.test' },
			requireTls: false,
		}).send({
			to: 'maya@example.com',
			subject: 'Your sign-in code é',
			html: '<style>p{color:#123456}</style><p>482915</p><a href="http://127.0.0.1:57330/auth/confirm?token_hash=111111aa&amp;type=email">Sign in</a>',
			text: '',
		});

	test('a sign-in mail arrives with its code and its link found', async () => {
		await send();
		expect(await mails('maya@example.com')).toMatchObject([
			{
				via: 'smtp',
				subject: 'Your sign-in code é',
				code: '482915',
				links: ['http://127.0.0.1:57330/auth/confirm?token_hash=111111aa&type=email'],
			},
		]);
	});

	test('is refused in the scenarios that refuse', async () => {
		await control('scenario', { refuse: true });
		await expect(send()).rejects.toThrow(/550/);
		await control('scenario', { tooMany: true });
		await expect(send()).rejects.toThrow(/451/);
		expect(await mails()).toEqual([]);
	});
});

describe('scenarios', () => {
	test('refuse: the domain is not verified', async () => {
		await control('scenario', { refuse: true });
		const answer = await post(letter);
		expect(answer.status).toBe(403);
		expect(await answer.json()).toMatchObject({
			name: 'validation_error',
			message: expect.stringContaining('haloprofile.test'),
		});
	});

	test('tooMany: 429 with Retry-After, and the same key works afterwards', async () => {
		await control('scenario', { tooMany: true });
		const key = { 'idempotency-key': 'k' };
		const answer = await post(letter, key);
		expect(answer.status).toBe(429);
		expect(answer.headers.get('retry-after')).toBe('1');
		expect(await answer.json()).toMatchObject({ name: 'rate_limit_exceeded' });
		await control('scenario', {});
		expect((await post(letter, key)).status).toBe(200);
	});

	test('slow: the answer takes three seconds, and a second try meanwhile is refused as concurrent', async () => {
		await control('scenario', { slow: true });
		const key = { 'idempotency-key': 'k' };
		const answers = await Promise.all([post(letter, key), post(letter, key)]);
		expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
		expect(await mails()).toHaveLength(1);
	});
});

describe('the mailbox page', () => {
	test('lists mails and shows one with links, text and the HTML shut in', async () => {
		await post({
			...letter,
			html: `${letter.html}<script>top.location = 'http://127.0.0.1/'</script>`,
		});
		const [first] = await mails();
		expect(await (await fetch(mail.url)).text()).toContain(letter.subject);
		const text = await (await fetch(`${mail.url}/mails/${first?.id}`)).text();
		expect(text).toContain('href="http://127.0.0.1:57330/shoots/1?a=1&amp;b=2"');
		expect(text).not.toContain('<script>');
		const html = await fetch(`${mail.url}/mails/${first?.id}/html`);
		expect(html.headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/);
		expect(await html.text()).toContain('<head><base target="_blank"></head>');
		expect((await fetch(`${mail.url}/mails/unknown`)).status).toBe(404);
	});
});
