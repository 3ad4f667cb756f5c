import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDatabase, type TestDatabase } from './database.ts';

let database: TestDatabase;
beforeAll(async () => {
	database = await startDatabase('plans');
});
afterAll(() => database.stop());

/** Somebody whose page for a plan is paid at Stripe, and not judged here. */
async function aPage(name: string): Promise<string> {
	const { sql } = database;
	await sql`insert into auth.users (id, email) values (md5(${name})::uuid, ${name + '@example.com'})`;
	const [row] = await sql<{ id: string }[]>`
		insert into public.subscriptions (owner_id, offer_id, stripe_checkout_session_id)
		values (md5(${name})::uuid, 'monthly', ${'cs_' + name}) returning id`;
	return row?.id ?? '';
}

test('an event that comes while its page is being judged is never taken for a stranger’s', async () => {
	const { sql } = database;
	for (let round = 0; round < 20; round += 1) {
		const name = `anna${round}`;
		const id = await aPage(name);
		const settle = () => sql<{ settlement: string }[]>`
			select settlement from service.settle_subscription(${'sub_' + name}, ${id}, 'active', 'monthly', now(), now() + interval '1 month', false, now())`;
		const [, ...settled] = await Promise.all([
			sql`select service.judge_subscription(${id}, ${'cs_' + name}, 'complete', ${'sub_' + name}, ${'cus_' + name})`,
			...Array.from({ length: 6 }, settle),
		]);
		expect(settled.flat().map(({ settlement }) => settlement)).not.toContain(
			'unknown_subscription',
		);
	}
});

test('of twenty who settle one invoice at once one grants', async () => {
	const { sql } = database;
	const id = await aPage('bert');
	await sql`select service.judge_subscription(${id}, 'cs_bert', 'complete', 'sub_bert', 'cus_bert')`;
	const lines = JSON.stringify([
		{
			item: 'si_bert',
			plan: 'monthly',
			amount: 1500,
			is_proration: false,
			period_start: '2026-11-25',
			period_end: '2026-12-25',
		},
	]);
	const answers = await Promise.all(
		Array.from(
			{ length: 20 },
			() => sql<{ answer: string }[]>`
				select service.settle_invoice('in_bert', 'sub_bert', 'paid', 1500, 'usd', ${lines}::text::jsonb, 'pi_bert') as answer`,
		),
	);
	const said = answers.flat().map(({ answer }) => answer);
	expect(said.filter((answer) => answer === 'granted')).toHaveLength(1);
	expect(said.filter((answer) => answer === 'already_granted')).toHaveLength(19);
	const [balance] = await sql<{ available: number }[]>`
		select available from public.credit_balances where owner_id = md5('bert')::uuid and unit = 'headshot'`;
	expect(balance?.available).toBe(20);
});

test('of a hundred pages paid with one code one counts', async () => {
	const { sql } = database;
	await sql`insert into auth.users (id, email) values (md5('carl')::uuid, 'carl@example.com')`;
	const answers = await Promise.all(
		Array.from(
			{ length: 100 },
			(_, page) => sql<{ isFirst: boolean }[]>`
				select private.use_promotion(md5('carl')::uuid, 'promo_1', ${'cs_' + page}, now()) as "isFirst"`,
		),
	);
	expect(answers.flat().filter(({ isFirst }) => isFirst)).toHaveLength(1);
});
