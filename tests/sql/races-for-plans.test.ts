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

/** Somebody who has paid for six months, `pi_<name>_0` to `pi_<name>_5`. */
async function sixMonths(name: string): Promise<void> {
	const { sql } = database;
	await sql`insert into auth.users (id, email) values (md5(${name})::uuid, ${name + '@example.com'})`;
	await sql`
		insert into public.orders (owner_id, offer_id, amount, currency, status, stripe_payment_intent_id, charged, paid_at)
		select md5(${name})::uuid, 'monthly', 1500, 'usd', 'paid', ${`pi_${name}_`} || month, 1500, now()
		from generate_series(0, 5) as month`;
}

/** Erases the account while others go on settling for it, until it has gone. */
async function goneWhile(name: string, settle: (worker: number, time: number) => Promise<unknown>) {
	let isGone = false;
	await Promise.all([
		...Array.from({ length: 6 }, async (_, worker) => {
			for (let time = 0; !isGone; time += 1) await settle(worker, time);
		}),
		database.sql`select service.request_erasure(md5(${name})::uuid, 'account')`.finally(
			() => (isGone = true),
		),
	]);
	expect(
		await database.sql`
			select id from public.orders where owner_id = md5(${name})::uuid
			union all select id from public.subscriptions where owner_id = md5(${name})::uuid`,
	).toHaveLength(0);
}

test('an account that goes while its invoices are paid leaves nothing of them', async () => {
	const { sql } = database;
	for (let round = 0; round < 10; round += 1) {
		const name = `dora${round}`;
		const id = await aPage(name);
		await sql`select service.judge_subscription(${id}, ${'cs_' + name}, 'complete', ${'sub_' + name}, ${'cus_' + name})`;
		await goneWhile(
			name,
			(worker, time) => sql`
				select service.settle_invoice(${`in_${name}_${worker}_${time}`}, ${'sub_' + name}, 'paid', 1500, 'usd',
					jsonb_build_array(jsonb_build_object('item', 'si', 'plan', 'monthly', 'amount', 1500, 'is_proration', false,
						'period_start', timestamptz '2026-01-01' + ${time * 6 + worker} * interval '1 month',
						'period_end', timestamptz '2026-02-01' + ${time * 6 + worker} * interval '1 month')),
					${`pi_${name}_${worker}_${time}`})`,
		);
	}
});

test('an account that goes while refunds of its months come and fail leaves nothing of them', async () => {
	const { sql } = database;
	await sql`update private.rate_rules set most = 1000`;
	for (let round = 0; round < 10; round += 1) {
		const name = `emil${round}`;
		await sixMonths(name);
		await goneWhile(
			name,
			(worker, time) => sql`
				select service.refund_order(${`pi_${name}_${worker}`}, 1500, 'usd', jsonb_build_array(jsonb_build_object(
					'id', ${`re_${name}_${worker}_${time >> 1}`}::text, 'amount', 1500,
					'status', ${time % 2 === 0 ? 'succeeded' : 'failed'}::text)))`,
		);
	}
});

test('an account that goes while disputes of its months are told again leaves nothing of them', async () => {
	const { sql } = database;
	for (let round = 0; round < 10; round += 1) {
		const name = `fred${round}`;
		await sixMonths(name);
		await goneWhile(
			name,
			(worker) => sql`
				select service.settle_dispute(${`dp_${name}_${worker}`}, ${`pi_${name}_${worker}`}, 'under_review', 1500,
					'usd', clock_timestamp())`,
		);
		expect(await sql`select from public.disputes where owner_id is not null`).toHaveLength(0);
	}
});
