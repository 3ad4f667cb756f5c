/** Erasure whose process dies at every single call, before it is heard and after: it resumes, and does nothing twice. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { erase } from '#flow/erasure.ts';
import { TryAgain } from '#flow/try-again.ts';
import { services } from '#runtime/services.ts';
import type { Stack } from '../sandbox/stack.ts';
import { everythingOf, falLog, nothing, progress, readReceipt, stripeLog } from './erasing.ts';
import { type Death, Died, mortal } from './mortal.ts';
import {
	agree,
	aPerson,
	becomes,
	control,
	draft,
	log,
	openCheckout,
	type Person,
	quiet,
	shootOf,
	startShoot,
	startWorld,
	until,
	uploadMany,
} from './world.ts';

let stack: Stack;

beforeAll(async () => {
	stack = await startWorld();
	await control(stack.urls.fal, 'settings', { trainingMs: 300, imageMs: 50 });
	// The same wiring as in the functions, in a process of our own that may die.
	Reflect.set(globalThis, 'Deno', { env: { get: (name: string) => stack.env[name] } });
});
afterAll(() => stack.stop());

async function paid(person: Person): Promise<string> {
	const shootId = await draft(person);
	const session = await openCheckout(stack, person, shootId);
	await control(stack.urls.stripe, 'pay', { session });
	await until('paid', async () => (await shootOf(stack, shootId)).status === 'paid');
	return shootId;
}

/** In the middle of everything: portraits, a training that runs, a pack never used, a payment page that is open. */
async function aBusyPerson(): Promise<Person> {
	const person = await aPerson(stack);
	await agree(person);
	const ready = await paid(person);
	await uploadMany(person, ready, 10);
	await startShoot(stack, person, ready);
	await becomes(stack, ready, 'ready');
	await quiet(stack);
	await control(stack.urls.fal, 'settings', { trainingMs: 8000 });
	const training = await paid(person);
	await uploadMany(person, training, 10);
	await startShoot(stack, person, training);
	await becomes(stack, training, 'training');
	await quiet(stack);
	await control(stack.urls.fal, 'settings', { trainingMs: 300 });
	await paid(person);
	await openCheckout(stack, person, await draft(person));
	return person;
}

const steps = (id: string) => stack.sql<{ kind: string; done: string; evidence: unknown }[]>`
	select kind, done_at::text as done, evidence from private.erasure_steps
	where erasure_id = ${id} and state = 'done' order by kind`;

const refunds = z.object({ refunds: z.array(z.looseObject({ payment_intent: z.string() })) });
const letters = z.array(z.looseObject({ subject: z.string() }));

test.each<Death>(['before', 'after'])(
	'a process that dies at every call, %s it is heard, leaves an erasure that ends, with each step’s evidence once',
	async (death) => {
		const person = await aBusyPerson();
		const refundsOf = async () => refunds.parse(await log(stack.urls.stripe)).refunds.length;
		const before = await refundsOf();
		// Without its job, so that no worker but ours takes it up.
		const id = await stack.sql.begin(async (sql) => {
			const [row] = await sql<{ id: string }[]>`
				select service.request_erasure(${person.id}, 'account') as id`;
			await sql`delete from private.jobs where kind = 'erase'`;
			return row?.id ?? '';
		});
		expect((await everythingOf(stack, person)).rows, 'whatever dies, the rows are gone').toEqual(
			{},
		);
		const { deps } = services();
		const died: string[] = [];
		const survived = new Set<string>();
		let kept: Awaited<ReturnType<typeof steps>> = await steps(id);
		for (;;) {
			const life = mortal(deps, survived, death);
			const outcome = await erase(life.deps, id).catch((error: unknown) => error);
			await life.settled();
			const now = await steps(id);
			expect(now, 'what has evidence keeps it').toEqual(expect.arrayContaining([...kept]));
			kept = now;
			if (outcome === undefined) break;
			if (outcome instanceof Died) died.push(outcome.message);
			else if (!(outcome instanceof TryAgain)) throw outcome;
			expect(died.length).toBeLessThan(100);
		}
		// It died wherever there is something to die at.
		for (const call of [
			'objects.remove photos',
			'objects.put tombstones',
			'accounts.delete',
			'payments.refund',
			'payments.expireCheckout',
			'payments.deleteCustomer',
			'eraser.stop',
			'eraser.forget',
			'store.recordForgotten',
			'store.completeErasureStep files',
			'store.completeErasureStep provider',
			'store.completeErasureStep refund',
			'store.completeErasureStep sign_in',
			'store.issueReceipt active_erased',
			'mailer.send',
			'store.recordReceiptMailed',
		])
			expect([...survived]).toContain(call);

		const end = await progress(stack, id);
		expect(end).toMatchObject({ isMailed: true, receipts: [{ stage: 'active_erased' }] });
		expect(end.steps.every(({ doneAt }) => doneAt !== null)).toBe(true);
		await stack.sql`delete from private.jobs where kind = 'erase'`;
		expect(await everythingOf(stack, person)).toEqual(nothing);

		const { receipt } = await readReceipt(stack, id, 'active_erased');
		expect(receipt.evidence).toHaveLength(8);
		expect(new Set(receipt.evidence.map(({ step }) => step)).size).toBe(8);
		expect(receipt.deleted.files).toMatchObject({ photos: 20, headshots: 40, loras: 1 });
		// Money went back once for each pack that had delivered nothing; mail came once.
		expect((await refundsOf()) - before).toBe(2);
		expect(receipt.evidence.find(({ step }) => step === 'refund')?.answer).toEqual({
			returned: { usd: 5800 },
			refused: 0,
		});
		const fal = await falLog(stack);
		const theirs = fal.submits.filter(({ input }) => JSON.stringify(input).includes(person.id));
		expect(theirs).toHaveLength(22);
		expect(theirs.every(({ payloadsDeletedAt }) => payloadsDeletedAt !== null)).toBe(true);
		const ids = theirs.map((call) => call.id);
		expect(fal.files.filter(({ requestId }) => ids.includes(requestId ?? ''))).toEqual([]);
		const { sessions } = await stripeLog(stack);
		expect(sessions.filter(({ status }) => status === 'open')).toEqual([]);
		const mails = letters.parse(
			await (
				await fetch(`${stack.urls.mail}/__control/mails?to=${encodeURIComponent(person.email)}`)
			).json(),
		);
		expect(mails.filter(({ subject }) => /erased|gone|receipt/i.test(subject))).toHaveLength(1);
	},
	180_000,
);
