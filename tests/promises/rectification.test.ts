import { expect, test } from 'vitest';
import { z } from 'zod';
import { aPaidShoot, log, type Person, press, quiet, ring, settingsOf } from '../flow/world.ts';
import { sessionCookies } from './pages.ts';
import { theStack } from './world.ts';

const stack = theStack();
const mailbox = z.array(
	z.object({ subject: z.string(), text: z.string().nullable(), html: z.string().nullable() }),
);
const stripeLog = z.object({
	customers: z.array(
		z.object({ id: z.string(), name: z.string().nullish(), email: z.string().nullish() }),
	),
});

const mailsTo = async (address: string) =>
	mailbox.parse(
		await (
			await fetch(`${stack.urls.mail}/__control/mails?to=${encodeURIComponent(address)}`)
		).json(),
	);

async function atStripe(person: Person) {
	const [row] = await stack.sql<{ id: string }[]>`
		select stripe_customer_id as id from private.stripe_customers where owner_id = ${person.id}`;
	const { customers } = stripeLog.parse(await log(stack.urls.stripe));
	const found = customers.find(({ id }) => id === row?.id);
	return { name: found?.name, email: found?.email };
}

async function inDatabase(person: Person) {
	const rows = await stack.sql`
		select p.name, p.email, u.email as signs_in_as
		from public.profiles p join auth.users u on u.id = p.owner_id where p.owner_id = ${person.id}`;
	return rows[0];
}

/** Runs what a correction has set going, as the schedule does. */
async function carried(): Promise<void> {
	await ring(stack, 'run-jobs');
	await quiet(stack);
}

/** The link of the newest mail that asks this address for its consent. */
async function tokenSentTo(address: string): Promise<string> {
	const mail = (await mailsTo(address)).find(({ subject }) => /new address/i.test(subject));
	const token = /token_hash=([\w-]+)/.exec(mail?.html ?? '')?.[1];
	if (token === undefined) throw new Error(`no question to ${address}`);
	return token;
}

/** A copy of the person's data is made; the newest mail to this address then. */
async function mailOfACopy(person: Person, address: string) {
	const started = z
		.object({ export_id: z.uuid() })
		.parse((await press(stack, person, 'start-export', {})).body);
	await press(stack, person, 'take-export', started);
	await carried();
	return (await mailsTo(address))[0];
}

test('P-24 · A corrected name and address are corrected at Stripe and in the next mail as well', async () => {
	const { person } = await aPaidShoot(stack);
	const before = person.email;
	const after = `new-${person.email}`;
	const named = await person.client
		.from('profiles')
		.update({ name: 'Ada Example' })
		.eq('owner_id', person.id);
	expect(named.error).toBeNull();
	await carried();
	expect(await atStripe(person)).toEqual({ name: 'Ada Example', email: before });

	if (!settingsOf(stack).SIGN_IN.includes('email')) {
		// The address is the one that Google tells: no page asks for another.
		const cookies = await sessionCookies(person);
		const account = await fetch(`${stack.urls.app}/account`, {
			headers: { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') },
		});
		const page = await account.text();
		expect(page).toContain(`You sign in with Google, as ${before}.`);
		expect(page).not.toContain('?/changeEmail');
		expect((await mailOfACopy(person, before))?.text).toContain('Ada Example');
		return;
	}
	const asked = await person.client.auth.updateUser({ email: after });
	expect(asked.error).toBeNull();
	expect(await inDatabase(person)).toMatchObject({ email: before, signs_in_as: before });
	const agree = async (address: string) =>
		person.client.auth.verifyOtp({
			token_hash: await tokenSentTo(address),
			type: 'email_change',
		});

	// One address alone, old or new, changes nothing.
	const first = await agree(after);
	expect(first.error).toBeNull();
	expect(first.data.session).toBeNull();
	expect((await agree(after)).error).not.toBeNull();
	expect(await inDatabase(person)).toMatchObject({ email: before, signs_in_as: before });
	await carried();
	expect(await atStripe(person)).toEqual({ name: 'Ada Example', email: before });

	const second = await agree(before);
	expect(second.error).toBeNull();
	expect(second.data.session).not.toBeNull();
	expect(await inDatabase(person)).toEqual({
		name: 'Ada Example',
		email: after,
		signs_in_as: after,
	});
	await carried();
	expect(await atStripe(person)).toEqual({ name: 'Ada Example', email: after });

	const requests = await stack.sql`
		select channel, acknowledged_at is not null as acknowledged, outcome from private.subject_requests
		where owner_id = ${person.id} and kind = 'rectification'`;
	expect([...requests], 'each correction is a request, answered by the app').toEqual(
		Array(2).fill({ channel: 'app', acknowledged: true, outcome: 'done' }),
	);

	const held = (await mailsTo(before)).length;
	const token = second.data.session?.access_token ?? '';
	const told = await mailOfACopy({ ...person, token }, after);
	expect(told?.subject).toBe('A copy of your data was made');
	expect(told?.text).toContain('Ada Example');
	expect(await mailsTo(before)).toHaveLength(held);
});
