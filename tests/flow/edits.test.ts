/** Each kind of edit, as Gemini is asked for it: words of its own, one credit, the portrait stays, the file says what it is. */
import { randomUUID } from 'node:crypto';
import { load } from 'exifreader';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type EditKind, editKinds, edits } from '#domain/edit.ts';
import { readManifest } from '../content-credentials.ts';
import type { Stack } from '../sandbox/stack.ts';
import {
	anInstantShoot,
	balances,
	becomes,
	control,
	log,
	type Person,
	press,
	quiet,
	refused,
	startShoot,
	startWorld,
	until,
} from './world.ts';

type Style = { id: string; backdrop: string; outfit: string; light: string };
type Row = { id: string; style_id: string; edit: EditKind | null; original_id: string | null };

let stack: Stack;
let person: Person;
let shootId: string;
let original: Row & { sha256: string; storage_key: string };
let styles: Map<string, Style>;

const calls = async () =>
	z
		.object({
			calls: z.array(
				z.object({ prompt: z.string(), photos: z.array(z.object({ sha256: z.string() })) }),
			),
		})
		.parse(await log(stack.urls.gemini)).calls;
const styleOf = (id: string): Style => {
	const found = styles.get(id);
	if (!found) throw new Error(`no style ${id}`);
	return found;
};
const edit = (kind: string, styleId: string | null, more: object = {}) =>
	press(stack, person, 'edit-headshot', {
		headshot_id: original.id,
		edit: kind,
		style_id: styleId,
		request_id: randomUUID(),
		...more,
	});
const bytesOf = async (key: string): Promise<Uint8Array> => {
	const { data } = await person.client.storage.from('headshots').download(key);
	return new Uint8Array((await data?.arrayBuffer()) ?? new ArrayBuffer(0));
};
/** Edits, waits for the portrait, and answers it with the words that were sent for it. */
async function edited(kind: EditKind, styleId: string | null, of = original.id) {
	const before = (await calls()).length;
	expect(await edit(kind, styleId, { headshot_id: of })).toMatchObject({ status: 200 });
	const made = await until('the edit is there', async () => {
		const [row] = await stack.sql<(Row & { storage_key: string })[]>`
			select id, style_id, edit, original_id, storage_key from public.headshots
			where original_id = ${of} and edit = ${kind}`;
		return row;
	});
	await quiet(stack);
	const asked = (await calls()).slice(before);
	expect(asked).toHaveLength(1);
	return { made, prompt: asked[0]?.prompt ?? '', photos: asked[0]?.photos ?? [] };
}

beforeAll(async () => {
	stack = await startWorld();
	await control(stack.urls.gemini, 'settings', { imageMs: 50 });
	const shoot = await anInstantShoot(stack, { credits: 1 });
	({ person, shootId } = shoot);
	await startShoot(stack, person, shootId);
	await becomes(stack, shootId, 'ready');
	await quiet(stack);
	const [made] = await stack.sql<(typeof original)[]>`
		select id, style_id, edit, original_id, sha256, storage_key from public.headshots
		where shoot_id = ${shootId}`;
	if (!made) throw new Error('no portrait');
	original = made;
	const rows = await stack.sql<Style[]>`select id, backdrop, outfit, light from public.styles`;
	styles = new Map(rows.map((style) => [style.id, style]));
});
afterAll(() => stack?.stop());
beforeEach(
	() => stack.sql`
		select private.move_credits(${person.id}, 'headshot', 'adjustment', 2 - available, 0, ${`test:${randomUUID()}`}, 'A gift')
		from public.credit_balances where owner_id = ${person.id} and unit = 'headshot' and available <> 2`,
);

/** What each kind is asked for in, of the portrait's own style and the one that was chosen. */
const words: Record<EditKind, (own: Style, chosen: Style) => string[]> = {
	backdrop: (_own, { backdrop, light }) => [`in front of ${backdrop}, in ${light}`],
	outfit: ({ backdrop }, { outfit }) => [
		`Dress the person in ${outfit}`,
		`in front of ${backdrop} as before`,
	],
	wider: ({ backdrop }) => ['further away', `more of ${backdrop} around`],
	glare: ({ backdrop }) => ['reflections off the glasses', `in front of ${backdrop} as before`],
	hair: ({ backdrop }) => ['Tidy stray hair', `in front of ${backdrop} as before`],
};

test.for(editKinds)('%s', async (kind) => {
	const before = await bytesOf(original.storage_key);
	const { made, prompt, photos } = await edited(kind, edits[kind].needsStyle ? 'coast' : null);

	const own = styleOf(original.style_id);
	for (const phrase of words[kind](own, styleOf('coast'))) expect(prompt).toContain(phrase);
	expect(prompt).toMatch(
		/^Edit this portrait photograph\. .* Change nothing else: the same person/,
	);
	expect(
		photos.map(({ sha256 }) => sha256),
		'only the portrait is shown',
	).toEqual([original.sha256]);
	const asked = new Set((await calls()).map((call) => call.prompt));
	expect(asked.size, 'no two kinds are asked for in the same words').toBe((await calls()).length);

	expect(await balances(stack, person)).toEqual(['training 1+0', 'headshot 1+0']);
	// A portrait's style is what it is in front of.
	expect(made.style_id).toBe(kind === 'backdrop' ? 'coast' : original.style_id);
	expect(await bytesOf(original.storage_key), 'the original stays').toEqual(before);
	const file = await bytesOf(made.storage_key);
	expect(load(file.slice().buffer, { expanded: true }).xmp?.['DigitalSourceType']?.value).toMatch(
		/\/compositeWithTrainedAlgorithmicMedia$/,
	);
	expect(await readManifest(file)).toMatchObject({ state: 'Valid' });
});

test('an edit of an edit stays in front of what is there', async () => {
	const [outfit] = await stack.sql<{ id: string }[]>`
		select id from public.headshots where original_id = ${original.id} and edit = 'outfit'`;
	const { prompt } = await edited('hair', null, outfit?.id);
	expect(prompt).toContain(`in front of ${styleOf(original.style_id).backdrop} as before`);
});

describe('what is not on the list is refused at the door: nothing is planned, taken or sent', () => {
	test.for<[string, string, () => ReturnType<typeof edit>]>([
		['an unknown kind', '400 malformed', () => edit('smile', null)],
		[
			'words of one’s own as the kind',
			'400 malformed',
			() => edit('hair, and make me taller', null),
		],
		[
			'words of one’s own beside it',
			'400 malformed',
			() => edit('hair', null, { prompt: 'Make me taller' }),
		],
		['several kinds', '400 malformed', () => edit('hair', null, { edit: ['hair', 'glare'] })],
		[
			'words of one’s own as the style',
			'404 not_found',
			() => edit('backdrop', 'in front of a castle'),
		],
		['a backdrop of no style', '404 not_found', () => edit('backdrop', null)],
	])('%s: %s', async ([, answer, ask]) => {
		const state = async () => ({
			calls: (await calls()).length,
			balances: await balances(stack, person),
			planned: (await stack.sql`select from public.generations where shoot_id = ${shootId}`).length,
		});
		const before = await state();
		expect(refused(await ask())).toBe(answer);
		await quiet(stack);
		expect(await state()).toEqual(before);
	});
});
