/** When a training or a portrait goes wrong, or nobody tells us how it went. */
import type { Sql } from 'postgres';
import { sweepLater } from '../flow/world.ts';
import { expect, falSettings, scenario, submit, test, world } from './people.ts';
import { comesTo, member, readyShoot, shootInTraining, trainableShoot } from './shortcuts.ts';

const balance = async (sql: Sql, owner: string) => {
	const rows = await sql<{ unit: string; available: number; held: number }[]>`
		select unit::text, available, held from public.credit_balances
		where owner_id = ${owner} order by unit::text desc`;
	expect(await sql`select * from private.ledger_differences()`).toHaveLength(0);
	return rows.map(({ unit, available, held }) => `${unit} ${available}+${held}`);
};

test.beforeEach(() => falSettings({ trainingMs: 300, imageMs: 100 }));

test('a training that fails says why in plain words, gives its credit back, and can be started again', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	const shoot = await trainableShoot(sql, person);
	await scenario('fal', { name: 'trainingFails5xx', times: 1 });
	await page.goto(`/shoots/${shoot}/photos`);
	await page.getByRole('button', { name: 'Start the training' }).click();
	await page.waitForURL('**/progress');
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('This needs you');
	await expect(page.getByRole('alert')).toContainText('The training service had a fault.');
	expect(await balance(sql, person.id)).toEqual(['training 1+0', 'headshot 3+0']);

	await page.goto('/account');
	await page.getByText('Every movement, newest first').click();
	await expect(page.getByText('1 training given back')).toBeVisible();

	// Found again from the list; pressed twice, started once.
	await page.goto('/shoots');
	await page.getByRole('link', { name: /Needs you/ }).click();
	await page.getByRole('button', { name: 'Start again with the same photos' }).dblclick();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your 3 portraits are ready');
	expect(await balance(sql, person.id)).toEqual(['training 0+0', 'headshot 0+0']);
	const trainings = await sql<{ status: string }[]>`
		select status::text from public.trainings where shoot_id = ${shoot} order by created_at`;
	expect(trainings.map(({ status }) => status)).toEqual(['failed', 'succeeded']);
});

test('after a training has failed the photos can be changed', async ({ page, context, sql }) => {
	await scenario('fal', { name: 'trainingFails', times: 1 });
	const shoot = await shootInTraining(sql, await member(sql, context));
	await comesTo(sql, shoot, 'failed');
	await page.goto(`/shoots/${shoot}`);
	await expect(page.getByRole('alert')).toContainText('Some of your photos could not be opened.');
	await page.getByRole('link', { name: 'Change the photos' }).click();
	await expect(page.getByRole('listitem', { name: /Uploaded$/ })).toHaveCount(10);
	await page.getByRole('button', { name: /^Remove photo 1,/ }).click();
	await expect(page.getByText('1 more, and you can start.')).toBeVisible();
});

for (const [name, words] of [
	['flagged', 'A portrait was held back by the safety check; its credit is back'],
	['brokenPicture', 'A portrait came back damaged; its credit is back'],
] as const) {
	test(`portraits that come back ${name} are neither shown nor charged, and the account says so`, async ({
		page,
		context,
		sql,
	}) => {
		const person = await member(sql, context);
		// Three at their first try, and one of them at its second.
		await falSettings({ concurrency: 1 });
		await scenario('fal', { name, times: 4 });
		const shoot = await shootInTraining(sql, person);
		await page.goto(`/shoots/${shoot}/progress`);
		await expect(page.getByRole('link', { name: 'Open the gallery' })).toBeVisible();
		const [row] = await sql<{ made: number; failed: number }[]>`
			select count(*) filter (where status = 'succeeded')::int as made,
				count(*) filter (where status = 'failed')::int as failed
			from public.generations where shoot_id = ${shoot}`;
		const { made, failed } = row ?? { made: 0, failed: 0 };
		expect(made + failed).toBe(3);
		expect(failed).toBeGreaterThan(0);
		await expect(page.getByRole('img', { name: /^Portrait \d+$/ })).toHaveCount(made);
		await expect(
			page.getByText(failed === 1 ? '1 portrait was' : `${failed} portraits were`),
		).toBeVisible();
		expect(await balance(sql, person.id)).toEqual(['training 0+0', `headshot ${failed}+0`]);
		expect(
			await sql`select 1 from public.credit_entries where owner_id = ${person.id} and kind = 'capture' and unit = 'headshot'`,
		).toHaveLength(made);
		await page.goto('/account');
		await page.getByText('Every movement, newest first').click();
		await expect(page.getByText(words).first()).toBeVisible();
	});
}

test('portraits appear without a reload, and whoever closes the page loses none', async ({
	page,
	context,
	sql,
}) => {
	const shoot = await shootInTraining(sql, await member(sql, context));
	let documents = 0;
	page.on('request', (request) => (documents += Number(request.isNavigationRequest())));
	await page.goto(`/shoots/${shoot}/progress`);
	await expect(page.getByRole('img', { name: 'Portrait 1' })).toBeVisible();
	expect(documents).toBe(1);
	await page.close();

	await comesTo(sql, shoot, 'ready');
	const later = await context.newPage();
	await later.goto('/shoots');
	await later.getByRole('link', { name: /Open the gallery/ }).click();
	await expect(later.locator('ol.sheet > li')).toHaveCount(3);
});

test('whoever is offline while portraits arrive sees what was there, and the rest afterwards', async ({
	page,
	context,
	sql,
}) => {
	const shoot = await shootInTraining(sql, await member(sql, context));
	await page.goto(`/shoots/${shoot}/progress`);
	await page.waitForRequest(/progress\/news/);
	await context.setOffline(true);
	await expect(page.getByText('We cannot reach our server just now.')).toBeVisible();
	await comesTo(sql, shoot, 'ready');
	await context.setOffline(false);
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your 3 portraits are ready');
	await expect(page.getByText('We cannot reach our server just now.')).toBeHidden();
});

test('without a single word from the trainer the portraits come all the same', async ({
	page,
	context,
	sql,
}) => {
	await scenario('fal', { name: 'webhookLost' });
	const person = await member(sql, context);
	const shoot = await shootInTraining(sql, person);
	await page.goto(`/shoots/${shoot}/progress`);
	// Every look is a minute and a half later.
	await expect
		.poll(
			async () => {
				await sweepLater({ ...world, sql }, 90);
				const [row] = await sql<
					{ status: string }[]
				>`select status::text from public.shoots where id = ${shoot}`;
				return row?.status;
			},
			{ timeout: 90_000, intervals: [1000] },
		)
		.toBe('ready');
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your 3 portraits are ready');
	expect(await balance(sql, person.id)).toEqual(['training 0+0', 'headshot 0+0']);
});

test('more portraits are made once, however often the button is pressed', async ({
	page,
	context,
	sql,
}) => {
	const person = await member(sql, context);
	const shoot = await readyShoot(sql, person);
	await sql`
		select private.move_credits(${person.id}, 'headshot', 'grant', 2, 0, ${`gift:${shoot}`}, 'A gift')`;
	await page.goto(`/shoots/${shoot}/more`);
	await page.getByLabel(/How many/).fill('2');
	await page.getByRole('checkbox').first().check();
	await page.getByRole('button', { name: 'Make them' }).dblclick();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Your \d portraits are ready/);
	const [row] = await sql<{ n: number }[]>`
		select portraits_planned as n from public.shoots where id = ${shoot}`;
	expect(row?.n).toBe(5);
	// Asked for more than there is: refused in words, nothing planned.
	const over = await submit(page.request, `/shoots/${shoot}/more`, {
		style: 'slate',
		count: '200',
		request: crypto.randomUUID(),
	});
	expect(over.status()).toBe(402);
	expect(await over.text()).toContain('There are not enough portrait credits left.');
});
