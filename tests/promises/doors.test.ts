/** Every function against everybody who could ring: a new one fails here until it says whose it is. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import {
	agree,
	anInstantShoot,
	aPerson,
	becomes,
	engineOf,
	type Person,
	press,
	quiet,
	refused,
	startShoot,
} from '../flow/world.ts';
import { theStack } from './world.ts';

const stack = theStack();

let owner: Person;
let stranger: Person;
/** What is the owner's, as a stranger could name it. */
let theirs: Record<'shoot' | 'photo' | 'headshot' | 'order' | 'copy', string>;

type Door = {
	/** What names something of the owner's, where anything is named. */
	body?: () => object;
	/** What a stranger hears who sends it: a refusal, or what is theirs alone. */
	stranger: '404 not_found' | 'of their own';
};

const request_id = '00000000-0000-4000-8000-000000000001';
const shoot = () => ({ shoot_id: theirs.shoot });
const photo = () => ({ photo_id: theirs.photo });
const order = () => ({ order_id: theirs.order });

/** For who is signed in. The owner's erasure comes last. */
const forPeople: Record<string, Door> = {
	'confirm-checkout': { body: shoot, stranger: '404 not_found' },
	'confirm-subscription': { stranger: 'of their own' },
	'confirm-upload': { body: photo, stranger: '404 not_found' },
	'edit-headshot': {
		body: () => ({ headshot_id: theirs.headshot, edit: 'backdrop', style_id: 'slate', request_id }),
		stranger: '404 not_found',
	},
	generate: {
		body: () => ({ ...shoot(), style_ids: ['slate'], count: 1, request_id }),
		stranger: '404 not_found',
	},
	'open-invoice': { body: order, stranger: '404 not_found' },
	'open-portal': { stranger: '404 not_found' },
	'open-upload': { body: photo, stranger: '404 not_found' },
	'preview-erasure': { body: shoot, stranger: 'of their own' },
	'preview-refunds': { stranger: 'of their own' },
	'read-data': { stranger: 'of their own' },
	'request-refund': { body: order, stranger: '404 not_found' },
	'sign-files': { body: () => ({ what: 'portrait', ...shoot() }), stranger: 'of their own' },
	'start-checkout': { body: shoot, stranger: '404 not_found' },
	'start-export': { stranger: 'of their own' },
	'start-subscription': { body: () => ({ offer_id: 'monthly' }), stranger: 'of their own' },
	'start-shoot': { body: shoot, stranger: '404 not_found' },
	'start-with-credits': { body: () => ({ ...shoot(), count: 1 }), stranger: '404 not_found' },
	'take-export': { body: () => ({ export_id: theirs.copy }), stranger: '404 not_found' },
	'request-erasure': {
		body: () => ({ scope: 'shoot', ...shoot(), refund: false }),
		stranger: '404 not_found',
	},
};
/** For the schedule and the operator, with the secret; for a vendor, with its signature. */
const forMachines = [
	'apply-profile',
	'fal-webhook',
	'metrics',
	'replay-tombstones',
	'run-jobs',
	'stripe-webhook',
	'sweep',
];
/** For anybody: whether we are open, and an erasure by its random number. */
const forAnybody = ['health', 'read-erasure'];

/** Everything of the owner's, row by row, in every table that has an owner. */
async function rowsOfOwner() {
	const tables = await stack.sql<{ name: string }[]>`
		select t::text as name from private.tables_of_people() as t`;
	const rows: Record<string, string | null> = {};
	for (const { name } of tables) {
		const [found] = await stack.sql.unsafe<{ all: string | null }[]>(
			`select string_agg(t::text, ' ' order by t::text) as all from ${name} t where owner_id = $1`,
			[owner.id],
		);
		rows[name] = found?.all ?? null;
	}
	return rows;
}

const ids = z.array(z.object({ id: z.string() }));
const firstOf = async (table: string) => {
	const { data } = await owner.client.from(table).select('id').limit(1);
	return ids.parse(data)[0]?.id ?? '';
};
const asNobody = (person: Person, token: string): Person => ({ ...person, token });

beforeAll(async () => {
	const made = await anInstantShoot(stack, { credits: 2, photos: 2 });
	owner = made.person;
	await startShoot(stack, owner, made.shootId);
	await becomes(stack, made.shootId, 'ready');
	await quiet(stack);
	const copy = z
		.object({ export_id: z.string() })
		.parse((await press(stack, owner, 'start-export', {})).body);
	theirs = {
		shoot: made.shootId,
		photo: await firstOf('photos'),
		headshot: await firstOf('headshots'),
		order: await firstOf('orders'),
		copy: copy.export_id,
	};
	stranger = await aPerson(stack);
	await agree(stranger, engineOf(stack));
});

test('P-33 · Every function that there is stands here, with whom it is for', () => {
	const folder = join(import.meta.dirname, '../../supabase/functions');
	const there = readdirSync(folder, { withFileTypes: true })
		.filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'))
		.map(({ name }) => name);
	expect([...Object.keys(forPeople), ...forMachines, ...forAnybody].toSorted()).toEqual(
		there.toSorted(),
	);
});

test('P-33 · Who is not signed in is nobody at every function, whatever key or token they show', async () => {
	const before = await rowsOfOwner();
	const forged = `${stranger.token.slice(0, -6)}AAAAAA`;
	const unsigned = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${stranger.token.split('.')[1]}.`;
	for (const [name, { body }] of Object.entries(forPeople)) {
		expect(refused(await press(stack, null, name, body?.() ?? {})), name).toBe('401 not_signed_in');
		for (const token of [stack.keys.publishable, stack.keys.secret, forged, unsigned])
			expect(refused(await press(stack, asNobody(owner, token), name, body?.() ?? {})), name).toBe(
				'401 not_signed_in',
			);
	}
	expect(await rowsOfOwner()).toEqual(before);
});

test('P-33 · A stranger who names what is another’s hears that it is not there, sees nothing of it, and changes nothing', async () => {
	const before = await rowsOfOwner();
	expect(Object.values(before).filter((rows) => rows !== null).length).toBeGreaterThan(10);
	for (const [name, door] of Object.entries(forPeople)) {
		const answer = await press(stack, stranger, name, door.body?.() ?? {});
		if (door.stranger === '404 not_found') expect(refused(answer), name).toBe('404 not_found');
		const said = JSON.stringify(answer.body);
		for (const trace of [owner.id, owner.email, ...Object.values(theirs)])
			expect(said, name).not.toContain(trace);
	}
	const files = await press(stack, stranger, 'sign-files', { what: 'photo', ids: [theirs.photo] });
	expect(files).toEqual({ status: 200, body: { files: [] } });
	await quiet(stack);
	expect(await rowsOfOwner()).toEqual(before);
});

test('P-33 · The functions of machines open to no person', async () => {
	const before = await rowsOfOwner();
	for (const name of forMachines)
		for (const person of [null, stranger, asNobody(stranger, stack.keys.secret)])
			for (const method of ['POST', 'GET']) {
				const response = await fetch(`${stack.urls.functions}/${name}`, {
					method,
					headers: {
						'content-type': 'application/json',
						'x-cron-secret': 'guessed',
						...(person ? { authorization: `Bearer ${person.token}` } : {}),
					},
					...(method === 'POST' ? { body: '{}' } : {}),
				});
				expect([401, 405], `${method} ${name}`).toContain(response.status);
			}
	const unknown = await press(stack, stranger, 'read-erasure', { erasure_id: request_id });
	expect(refused(unknown)).toBe('404 not_found');
	expect(await rowsOfOwner()).toEqual(before);
});

test('P-33 · For its owner each of them opens: what others are refused is there', async () => {
	for (const [name, door] of Object.entries(forPeople)) {
		const answer = await press(stack, owner, name, door.body?.() ?? {});
		// Also "not now" or "no credits left": but never that they are nobody, or that it is not there.
		expect([401, 404], `${name} ${JSON.stringify(answer.body)}`).not.toContain(answer.status);
		if (name === 'sign-files')
			expect(z.object({ files: z.array(z.unknown()) }).parse(answer.body).files).toHaveLength(2);
	}
});
