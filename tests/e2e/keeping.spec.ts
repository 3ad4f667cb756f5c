/** What a person decides about how long their pictures stay and what may be done with them, at both widths. */
import { expectNoBarrier } from './barriers.ts';
import { expect, submit, test, world } from './people.ts';
import { enter, member, readyShoot, trainableShoot } from './shortcuts.ts';

const widths = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };

for (const [name, viewport] of Object.entries(widths)) {
	test.describe(name, () => {
		test.use({ viewport });

		test('before the training: the time is said, can be chosen, and the photos deleted', async ({
			page,
			context,
			sql,
		}) => {
			const person = await member(sql, context);
			const shoot = await trainableShoot(sql, person);
			// Announced, and its file never came: that one is not with us.
			const announced = await person.client.from('photos').insert({
				shoot_id: shoot,
				sha256: 'a'.repeat(64),
				content_type: 'image/jpeg',
				bytes: 1000,
				width: 800,
				height: 1000,
				file_name: 'lost.jpg',
			});
			expect(announced.error).toBeNull();
			await page.goto(`/shoots/${shoot}/erase`);
			await expect(page.getByRole('main')).toContainText('10 photos');
			await page.goto(`/shoots/${shoot}/photos`);
			const keeping = page.getByRole('region', { name: 'What stays, and how long' });
			await expect(keeping).toContainText('The 10 with us vanish in 29 days');
			await expectNoBarrier(page, `photos, kept, ${name}`);
			await keeping.getByLabel('Keep them').selectOption('7 days after your first portrait');
			await keeping.getByRole('button', { name: 'Save' }).click();
			await expect(keeping.getByLabel('Keep them')).toHaveValue('P7D');
			await expect(keeping).toContainText('vanish in 29 days');
			await page.getByText('Delete them now').click();
			await keeping.getByRole('button', { name: 'Delete all 10 photos' }).click();
			await expect(keeping).toContainText('None is with us');
			await expect(page.getByRole('listitem').filter({ hasText: 'Uploaded' })).toHaveCount(0);
			const files = () =>
				sql`select from storage.objects where bucket_id = 'photos' and name like ${`%/${shoot}/%`}`;
			await expect.poll(async () => (await files()).length, { timeout: 90_000 }).toBe(0);
		});

		test('in the gallery: photos and model with their days, and a week more', async ({
			page,
			context,
			sql,
		}) => {
			const person = await member(sql, context);
			const shoot = await readyShoot(sql, person);
			await page.goto(`/shoots/${shoot}/gallery`);
			const keeping = page.getByRole('region', { name: 'What stays, and how long' });
			await expect(keeping).toContainText('vanish in 29 days');
			await expectNoBarrier(page, `gallery, kept, ${name}`);
			await keeping.getByLabel('Keep them').selectOption('24 hours after your first portrait');
			await keeping.getByRole('button', { name: 'Save' }).click();
			await expect(keeping).toContainText('vanish in 23 hours');
			for (const days of [36, 43, 50, 57]) {
				await keeping.getByRole('button', { name: 'Keep it 7 days more' }).click();
				await expect(keeping).toContainText(`It vanishes in ${days} days`);
			}
			await expect(keeping.getByRole('button', { name: 'Keep it' })).toHaveCount(0);
			await sql`update public.loras set deleted_at = now() where shoot_id = ${shoot}`;
			await page.reload();
			await expect(keeping).toContainText('More portraits would need a new training');
			await expect(page.getByRole('link', { name: /Make/ })).toHaveCount(0);
		});

		test('the use of one’s data is switched off and on, and every reading is there to see', async ({
			page,
			context,
			sql,
		}) => {
			const person = await member(sql, context);
			const shoot = await readyShoot(sql, person);
			await page.goto(`/shoots/${shoot}/gallery`);
			await page.goto('/account');
			await page.getByRole('link', { name: 'Switches, consents' }).click();
			for (const words of [
				'Your training read your photos',
				'Portraits were made with your model',
				'You looked at your portraits',
			])
				await expect(page.getByText(words)).toBeVisible();
			await expectNoBarrier(page, `privacy, ${name}`);
			await page.getByRole('button', { name: 'Switch it off' }).click();
			await expect(page.getByText('Switched off since')).toBeVisible();
			await expectNoBarrier(page, `privacy, switched off, ${name}`);
			await sql`select private.move_credits(${person.id}, 'headshot', 'adjustment', 1, 0, ${`gift:${shoot}`}, 'A gift')`;
			await page.goto(`/shoots/${shoot}/gallery`);
			await expect(page.getByText('The use of your data is switched off.')).toBeVisible();
			await expect(page.getByRole('link', { name: /^Make / }), 'nothing is offered').toHaveCount(0);
			await page.goto(`/shoots/${shoot}/more`);
			await page.getByRole('checkbox').first().check();
			await page.locator('form button.main').click();
			await expect(page.getByRole('alert')).toContainText('switched the use of your data off');
			await page.goto('/account/privacy');
			await page.getByRole('button', { name: 'Switch it on again' }).click();
			await expect(page.getByText('Switched on.')).toBeVisible();
			await page.getByRole('link', { name: 'Agree or withdraw' }).click();
			await page.getByRole('button', { name: /Withdraw.*A model of you/ }).click();
			await expect(page.getByText('Withdrawn.')).toBeVisible();
			const [lora] = await sql`select deleted_at from public.loras where shoot_id = ${shoot}`;
			expect(lora?.['deleted_at']).not.toBeNull();
		});
	});
}

test('nobody decides about the pictures of somebody else', async ({
	page,
	context,
	sql,
	browser,
}) => {
	const person = await member(sql, context);
	const shoot = await trainableShoot(sql, person);
	const other = await browser.newContext({ baseURL: world.urls.app });
	await member(sql, other);
	const before =
		await sql`select keep_until, deleted_at from public.photos where shoot_id = ${shoot}`;
	for (const action of ['chooseTime', 'deletePhotos', 'keepModel']) {
		const { status } = await submit(other.request, `/shoots/${shoot}/photos?/${action}`, {
			choice: 'PT24H',
		}).then((answer) => ({ status: answer.status() }));
		expect([303, 404]).toContain(status);
	}
	expect(
		await sql`select keep_until, deleted_at from public.photos where shoot_id = ${shoot}`,
	).toEqual(before);
	await other.close();
	await enter(context, person);
	await page.goto(`/shoots/${shoot}/photos`);
	await expect(page.getByLabel('Keep them')).toHaveValue('P30D');
});

test('the sixth code in a quarter of an hour is refused kindly, and says when to come again', async ({
	page,
	sql,
}) => {
	const email = `often-${Date.now()}@example.com`;
	await sql`
		insert into public.sign_in_attempts (kind, email)
		select 'code_asked', ${email} from generate_series(1, 5)`;
	await page.goto('/sign-in');
	await page.getByLabel('E-mail address').fill(email);
	await page.getByRole('button', { name: 'Send me a code' }).click();
	await expect(page.getByRole('alert')).toContainText(/try again in 1\d minutes/);
	await expect(page.getByLabel('E-mail address')).toHaveValue(email);
	const noted = await sql`
		select email, address, network is not null as "hasNetwork" from public.sign_in_attempts
		where kind = 'refused' and email_hash = (
			select encode(sha256(convert_to(pepper || ${email}, 'utf8')), 'hex') from private.peppers)`;
	expect([...noted]).toEqual([{ email: null, address: null, hasNetwork: true }]);
});
