/** The page on which anybody checks a picture: everything in the browser, and nothing of it sent. */
import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { certificateSigner, pictureMarker } from '#providers/marking/index.ts';
import { loadCertificate, makeCertificate } from '../sandbox/certificate.ts';
import { expectNoBarrier } from './barriers.ts';
import { expect, test } from './people.ts';

const ownFolder = join(import.meta.dirname, `../../.sandbox/${process.env['E2E_BASE'] ?? 23320}`);

async function portrait(type: 'jpeg' | 'png' = 'jpeg', isOurs = true): Promise<Buffer> {
	const plain = await sharp({
		create: { width: 400, height: 500, channels: 3, background: '#a76' },
	})
		.toFormat(type)
		.toBuffer();
	const { certificate, privateKey } = isOurs
		? await loadCertificate(ownFolder)
		: await makeCertificate(new Date());
	const mark = pictureMarker({
		system: 'HaloProfile',
		version: '1',
		signer: () => certificateSigner(certificate, privateKey),
	});
	const createdAt = new Date('2026-11-21T10:20:30Z');
	return Buffer.from(
		await mark(new Uint8Array(plain), { id: randomUUID(), createdAt, kind: 'generated' }),
	);
}

async function checked(page: Page, name: string, buffer: Buffer): Promise<string> {
	const mimeType = name.endsWith('png') ? 'image/png' : 'image/jpeg';
	await page.locator('input[type=file]').setInputFiles({ name, mimeType, buffer });
	const result = page.locator('section', { has: page.locator('#verdict') });
	await expect(result.getByText(name)).toBeVisible();
	return result.innerText();
}

for (const viewport of [
	{ width: 390, height: 844 },
	{ width: 1280, height: 800 },
]) {
	test(`at ${viewport.width} px a portrait of ours is known, and nothing of it but five characters is sent`, async ({
		page,
		sql,
	}) => {
		await page.setViewportSize(viewport);
		await page.goto('/verify');
		await expectNoBarrier(page, 'nothing chosen');
		await expect(page.getByText('It is self-made')).toBeVisible();
		const sent: string[] = [];
		page.on('request', (request) =>
			sent.push(`${request.method()} ${new URL(request.url()).pathname}`),
		);
		for (const type of ['jpeg', 'png'] as const) {
			const file = await portrait(type);
			const hash = createHash('sha256').update(file).digest('hex');
			await sql`insert into public.provenance_marks (sha256, marked_at) values (${hash}, now())`;
			const words = await checked(page, `mine.${type}`, file);
			expect(words).toContain('This is a portrait of ours, unchanged.');
			expect(words).toContain('Made by a trained algorithm');
			expect(words).toContain('HaloProfile 1');
			expect(words).toContain('Valid signature, signer not in a trust list');
			expect(words).toContain('the certificate that we publish');
			expect(words).toContain('Unchanged since it was signed');
			expect(sent).toContain(`GET /verify/hashes/${hash.slice(0, 5)}`);
			expect(sent.join()).not.toContain(hash.slice(0, 6));
		}
		expect(sent.filter((one) => !one.startsWith('GET '))).toEqual([]);
		await expect(page.locator('#verdict')).toBeFocused();
		await expectNoBarrier(page, 'finished');
	});
}

test('one other byte, another signer, no marks at all: each is said', async ({ page }) => {
	await page.goto('/verify');
	const file = await portrait();
	const forged = Buffer.from(file);
	forged[forged.length - 100] = (forged[forged.length - 100] ?? 0) ^ 1;
	const changed = await checked(page, 'changed.jpg', forged);
	expect(changed).toContain('It was changed after it was signed.');
	expect(changed).toContain('Changed since it was signed');
	expect(changed).toContain('Not among ours');

	const strange = await checked(page, 'strange.jpg', await portrait('jpeg', false));
	expect(strange).toContain('It is as it was when it was signed.');
	expect(strange).toContain('This page does not know the certificate');

	const saved = await checked(page, 'saved.jpg', await sharp(file).jpeg().toBuffer());
	expect(saved).toContain('It carries no marks.');
	expect(saved).toContain('Missing marks prove nothing');

	await page.locator('input[type=file]').setInputFiles({
		name: 'letter.pdf',
		mimeType: 'application/pdf',
		buffer: Buffer.from('%PDF-1.7'),
	});
	await expect(page.getByRole('alert')).toContainText('This is not a JPEG, PNG or WebP picture.');
});

test('without a network the file is still checked, and only the question to us is open', async ({
	page,
}) => {
	await page.goto('/verify');
	await checked(page, 'first.jpg', await portrait());
	await page.route('**/verify/hashes/**', (route) => route.abort());
	const words = await checked(page, 'offline.jpg', await portrait());
	expect(words).toContain('Valid signature');
	expect(words).toContain('Could not be asked');
});

test('the list of hashes answers five characters and no others', async ({ page }) => {
	for (const path of ['abcd', 'abcdef', 'ABCDE', 'abcd%25', 'zzzzz'])
		expect((await page.request.get(`/verify/hashes/${path}`)).status(), path).toBe(404);
	const empty = await page.request.get('/verify/hashes/00000');
	expect(await empty.json()).toEqual({ suffixes: [] });
});

test('the keyboard reaches it, and a picture can be dropped anywhere', async ({ page }) => {
	await page.goto('/verify');
	await expect(page.locator('input[type=file]')).toBeEnabled();
	await page.locator('input[type=file]').focus();
	const chooser = page.waitForEvent('filechooser');
	await page.keyboard.press('Enter');
	await (
		await chooser
	).setFiles({
		name: 'typed.jpg',
		mimeType: 'image/jpeg',
		buffer: await portrait(),
	});
	await expect(page.getByText('typed.jpg')).toBeVisible();
	const base64 = (await portrait()).toString('base64');
	await page.evaluate((data) => {
		const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
		const dataTransfer = new DataTransfer();
		dataTransfer.items.add(new File([bytes], 'dropped.jpg', { type: 'image/jpeg' }));
		window.dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true, bubbles: true }));
	}, base64);
	await expect(page.getByText('dropped.jpg')).toBeVisible();
});
