import type { Browser } from '@playwright/test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { erase } from '../flow/erasing.ts';
import { aPerson, press, quiet, ring } from '../flow/world.ts';
import { openBrowser } from './pages.ts';
import { theStack } from './world.ts';

const stack = theStack();
const { app } = stack.urls;

let browser: Browser;
beforeAll(async () => {
	browser = await openBrowser();
});
afterAll(() => browser?.close());

const sent = z.array(z.object({ subject: z.string(), text: z.string() }));
/** Mails that were delivered to this address, oldest first. */
async function delivered(email: string) {
	await ring(stack, 'run-jobs');
	await quiet(stack);
	const response = await fetch(
		`${stack.urls.mail}/__control/mails?to=${encodeURIComponent(email)}`,
	);
	return sent.parse(await response.json());
}

const requestsOf = (email: string) => stack.sql`
	select id, kind, channel, acknowledged_at is not null as acknowledged, due_at - received_at as "inDays", outcome
	from private.subject_requests where email = ${email} order by received_at`;

test('P-28 · A request is acknowledged at once, due in 30 days, urgent a week before, and closed with an answer', async () => {
	const person = await aPerson(stack);
	const [entered] = await stack.sql<{ answer: { request: string } }[]>`
		select private.enter_request(${person.email}, 'access') as answer`;
	const id = entered?.answer.request ?? '';
	expect(
		(await requestsOf(person.email)).map(({ kind, acknowledged }) => [kind, acknowledged]),
	).toEqual([['access', true]]);
	expect((await delivered(person.email)).map(({ subject }) => subject)).toContain(
		'We have your request',
	);
	const queue = () =>
		stack.sql`select is_urgent, is_overdue from private.requests_to_answer where id = ${id}`;
	expect([...(await queue())]).toEqual([{ is_urgent: false, is_overdue: false }]);
	const later = (days: number) => stack.sql`
		update private.subject_requests set received_at = now() - make_interval(days => ${days}),
			due_at = now() - make_interval(days => ${days}) + interval '30 days' where id = ${id}`;
	await later(23);
	expect([...(await queue())]).toEqual([{ is_urgent: true, is_overdue: false }]);
	await later(31);
	expect([...(await queue())]).toEqual([{ is_urgent: true, is_overdue: true }]);
	await stack.sql`select private.close_request(${id}, 'done')`;
	expect(await queue()).toHaveLength(0);
	expect((await delivered(person.email)).map(({ text }) => text).join()).toContain('It is done.');
});

test('P-28 · What a person does in the app is a request like any other: received, acknowledged, closed, and part of what they are shown', async () => {
	const [clock] = await stack.sql<{ now: Date }[]>`select now()`;
	const began = clock?.now ?? new Date();
	const person = await aPerson(stack);
	const profile = person.client.from('profiles');
	await profile.update({ name: 'Ada' }).eq('owner_id', person.id);
	await profile.update({ restricted_at: new Date().toISOString() }).eq('owner_id', person.id);
	const { export_id } = z
		.object({ export_id: z.uuid() })
		.parse((await press(stack, person, 'start-export', {})).body);
	const held = z
		.object({ rows: z.object({ 'private.subject_requests': z.array(z.looseObject({})) }) })
		.parse((await press(stack, person, 'take-export', { export_id })).body);
	expect(held.rows['private.subject_requests'].map(({ kind, outcome }) => [kind, outcome])).toEqual(
		expect.arrayContaining([
			['rectification', 'done'],
			['restriction', 'done'],
			['portability', 'done'],
		]),
	);
	const ids = held.rows['private.subject_requests'].map(({ id }) => String(id));
	await erase(stack, person);
	const left = await stack.sql`
		select id, kind, channel, outcome, owner_id, acknowledged_at is not null as acknowledged
		from private.subject_requests
		where id = any (${ids}) or (kind = 'erasure' and received_at > ${began})
		order by kind`;
	expect(
		left.map(({ id: _, ...rest }) => rest),
		'that they were used stays, and by whom does not',
	).toEqual(
		['erasure', 'portability', 'rectification', 'restriction'].map((kind) => ({
			kind,
			channel: 'app',
			outcome: 'done',
			owner_id: null,
			acknowledged: true,
		})),
	);
	const waiting =
		await stack.sql`select from private.requests_to_answer where id = any (${left.map(({ id }) => String(id))})`;
	expect(waiting).toHaveLength(0);
});

test('P-28 · A takedown needs no account, is confirmed by mail, and says nothing about whose address is known', async () => {
	const member = await aPerson(stack);
	const stranger = `stranger-${Date.now()}@example.com`;
	const answers: string[] = [];
	for (const email of [member.email, stranger]) {
		const page = await browser.newPage();
		await page.goto(`${app}/takedown`);
		await page.getByLabel('Your e-mail address').fill(email);
		await page.getByLabel('What you saw, and where').fill('My face is on example.com/about-us.');
		await page.getByRole('button', { name: 'Ask for it' }).click();
		await page.waitForURL(/sent/);
		answers.push((await page.locator('main').innerText()).trim());
		await page.close();
	}
	expect(answers[0]).toBe(answers[1]);
	expect(await stack.sql`select from public.takedowns`).toHaveLength(0);

	const [mail] = await delivered(stranger);
	const link = /https?:\/\/\S+\/takedown\/confirm\?token=[\w-]+/.exec(mail?.text ?? '')?.[0] ?? '';
	const page = await browser.newPage();
	await page.goto(link);
	const waiting =
		await stack.sql`select confirmed_at from private.subject_requests where email = ${stranger}`;
	expect([...waiting], 'opening the link does nothing yet').toEqual([{ confirmed_at: null }]);
	await page.getByRole('button', { name: 'Yes, it was me' }).click();
	await page.getByRole('heading', { name: 'Thank you' }).waitFor();
	const queue = await stack.sql`
		select kind, days_left from private.requests_to_answer where email = ${stranger}`;
	expect([...queue]).toEqual([{ kind: 'takedown', days_left: 29 }]);
	expect((await delivered(stranger)).map(({ subject }) => subject)).toContain(
		'We have your request',
	);
	await page.close();
});
