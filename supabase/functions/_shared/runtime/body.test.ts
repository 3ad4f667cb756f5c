import { expect, test } from 'vitest';
import { readBody } from './body.ts';

const post = (body: BodyInit | null) =>
	new Request('http://door.invalid', { method: 'POST', body, duplex: 'half' } as RequestInit);

test('a body is read up to the limit, byte by byte as sent', async () => {
	expect(await readBody(post(new Uint8Array([1, 2, 3])), 3)).toEqual(new Uint8Array([1, 2, 3]));
	expect(await readBody(post(null), 3)).toEqual(new Uint8Array());
});

test('a body that says how long it is is read in one go, or refused before any of it is', async () => {
	const said = (body: Uint8Array<ArrayBuffer>) =>
		new Request('http://door.invalid', {
			method: 'POST',
			body,
			headers: { 'content-length': String(body.length) },
		});
	const short = new Uint8Array([1, 2, 3]);
	expect(await readBody(said(short), 3)).toEqual(short);
	const long = said(new Uint8Array(4));
	await expect(readBody(long, 3)).rejects.toMatchObject({ status: 413, code: 'malformed' });
	expect(long.bodyUsed).toBe(false);
});

test('an endless body is refused with 413 and not read to its end', async () => {
	let sent = 0;
	let isCancelled = false;
	const endless = new ReadableStream<Uint8Array>({
		pull: (controller) => controller.enqueue(new Uint8Array((sent += 1000) && 1000)),
		cancel: () => void (isCancelled = true),
	});
	await expect(readBody(post(endless), 5000)).rejects.toMatchObject({
		status: 413,
		code: 'malformed',
	});
	expect(sent).toBeLessThan(20_000);
	expect(isCancelled).toBe(true);
});
