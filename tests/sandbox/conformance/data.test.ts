import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, Project } from './project.ts';

let project: Project;
let owner: Person;
let stranger: Person;
beforeAll(async () => {
	project = await Project.open();
	owner = await project.person();
	stranger = await project.person();
});
afterAll(() => project.close());

const draft = async (person: Person): Promise<string> => {
	const { data, error } = await person.client
		.from('shoots')
		.insert({ offer_id: 'essential', name: 'For work' })
		.select('id')
		.single<{ id: string }>();
	if (error) throw new Error(error.message);
	return data.id;
};
const nobody = '00000000-0000-4000-8000-000000000000';

describe('rows', () => {
	test('a visitor reads what is public and gets the catalogue in the order asked for', async () => {
		const { data, error } = await project
			.visitor()
			.from('offers')
			.select('id, amount')
			.eq('kind', 'pack')
			.order('position');
		expect(error).toBeNull();
		expect(data?.map(({ id }) => id)).toEqual(['essential', 'signature', 'complete']);
	});

	test('a table without a grant is refused: 401 to a visitor, 403 to a person', async () => {
		const asVisitor = await project.visitor().from('shoots').select('id');
		expect(asVisitor).toMatchObject({ status: 401, error: { code: '42501' } });
		const asPerson = await owner.client.from('orders').insert({ amount: 1 });
		expect(asPerson).toMatchObject({ status: 403, error: { code: '42501' } });
	});

	test('a column without a grant can neither be read nor written', async () => {
		const read = await owner.client.from('styles').select('prompt_template');
		expect(read).toMatchObject({ status: 403, error: { code: '42501' }, data: null });
		const id = await draft(owner);
		const written = await owner.client.from('shoots').update({ status: 'paid' }).eq('id', id);
		expect(written).toMatchObject({ status: 403, error: { code: '42501' } });
		const { data } = await owner.client.from('shoots').select('status').eq('id', id).single();
		expect(data).toEqual({ status: 'draft' });
	});

	test('defaults and triggers see who is signed in', async () => {
		const id = await draft(owner);
		const { data } = await owner.client.from('shoots').select('owner_id').eq('id', id).single();
		expect(data).toEqual({ owner_id: owner.id });
	});

	test("another person's row is not seen, not changed and not deleted", async () => {
		const id = await draft(owner);
		const seen = await stranger.client.from('shoots').select('id').eq('id', id);
		expect(seen.data).toEqual([]);
		const changed = await stranger.client
			.from('shoots')
			.update({ name: 'Mine' })
			.eq('id', id)
			.select();
		expect(changed).toMatchObject({ error: null, data: [] });
		await stranger.client.from('shoots').delete().eq('id', id);
		const { data } = await owner.client.from('shoots').select('name').eq('id', id).single();
		expect(data).toEqual({ name: 'For work' });
	});

	test('exactly one was asked for and none is there: 406 PGRST116', async () => {
		const answer = await owner.client.from('shoots').select('id').eq('id', nobody).single();
		expect(answer).toMatchObject({ status: 406, error: { code: 'PGRST116' } });
	});

	test('a row that breaks a rule of the table says which: 409 for unique, 400 for a check', async () => {
		const { data } = await owner.client
			.from('consent_wordings')
			.select('version')
			.eq('purpose', 'terms')
			.single<{ version: string }>();
		const consent = { purpose: 'terms', version: data?.version };
		expect((await owner.client.from('consent_records').insert(consent)).status).toBe(201);
		const again = await owner.client.from('consent_records').insert(consent);
		expect(again).toMatchObject({ status: 409, error: { code: '23505' } });
		const nameless = await owner.client
			.from('shoots')
			.insert({ offer_id: 'essential', name: '' })
			.select();
		expect(nameless).toMatchObject({ status: 400, error: { code: '23514' } });
	});

	test('rows of related tables come embedded, and pages say how many there are', async () => {
		const { data, count, error } = await project
			.visitor()
			.from('styles')
			.select('id, packs(name)', { count: 'exact' })
			.order('position')
			.range(0, 1);
		expect(error).toBeNull();
		expect(count).toBe(12);
		expect(data).toEqual([
			{ id: 'slate', packs: { name: 'Studio' } },
			{ id: 'paper', packs: { name: 'Studio' } },
		]);
	});
});

describe('functions of the database', () => {
	test('an expected refusal carries status, message, hint and code', async () => {
		const answer = await project.admin
			.schema('service')
			.rpc('open_order', { p_owner_id: owner.id, p_shoot_id: nobody });
		expect(answer).toMatchObject({
			status: 404,
			data: null,
			error: {
				code: 'PT404',
				details: 'not_found',
				message: expect.any(String),
				hint: expect.any(String),
			},
		});
	});

	test('a refusal by a trigger has its status, too, and nothing was written', async () => {
		const answer = await owner.client
			.from('consent_records')
			.insert({ purpose: 'adult', version: '2000-01-01' });
		expect(answer.status).toBe(409);
		expect(answer.error).toMatchObject({ code: 'PT409', details: 'not_now' });
		const { data } = await owner.client.from('consent_records').select('id').eq('purpose', 'adult');
		expect(data).toEqual([]);
	});

	test('what is for the server alone is refused: 401 to a visitor, 403 to a person', async () => {
		const call = { p_owner_id: owner.id, p_shoot_id: nobody };
		const asVisitor = await project.visitor().schema('service').rpc('open_order', call);
		expect(asVisitor).toMatchObject({ status: 401, error: { code: '42501' } });
		const asPerson = await owner.client.schema('service').rpc('open_order', call);
		expect(asPerson).toMatchObject({ status: 403, error: { code: '42501' } });
	});

	test('a schema that is not published does not exist: 406 PGRST106', async () => {
		const answer = await project.admin.schema('private').from('jobs').select();
		expect(answer).toMatchObject({ status: 406, error: { code: 'PGRST106' } });
	});

	test('an unknown function, and an unknown parameter, are 404 PGRST202', async () => {
		const service = project.admin.schema('service');
		expect(await service.rpc('no_such_thing')).toMatchObject({
			status: 404,
			error: { code: 'PGRST202' },
		});
		expect(await service.rpc('open_order', { p_nothing: 1 })).toMatchObject({
			status: 404,
			error: { code: 'PGRST202' },
		});
	});

	test('rows, numbers and nothing come back as rows, numbers and null', async () => {
		const service = project.admin.schema('service');
		const rows = await service.rpc('claim_jobs', {
			p_limit: 0,
			p_lease_seconds: 1,
			p_generation_capacity: 0,
		});
		expect(rows).toMatchObject({ error: null, data: [] });
		const number = await service.rpc('sweep_due');
		expect(number).toMatchObject({ error: null, data: expect.any(Number) });
		const nothing = await service.rpc('clear_training_submit', { p_training_id: nobody });
		expect(nothing).toMatchObject({ error: null, data: null });
	});
});

describe('edge functions', () => {
	test('one that is not there is 404, one that wants a person says 401', async () => {
		const visitor = project.visitor();
		const missing = await visitor.functions.invoke('no-such-function');
		expect(missing.error?.context).toMatchObject({ status: 404 });
		const refused = await visitor.functions.invoke('start-checkout', {
			body: { shoot_id: nobody },
		});
		expect(refused.error?.context).toMatchObject({ status: 401 });
	});

	test('one that is called by a person learns who it is', async () => {
		const answer = await owner.client.functions.invoke('start-checkout', {
			body: { shoot_id: nobody },
		});
		expect(answer.error?.context).toMatchObject({ status: 404 });
	});
});
