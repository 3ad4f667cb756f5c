import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { Handle } from '@sveltejs/kit';
import { expect, test } from 'vitest';
import { compression } from './compression.ts';

const text = '<li>portrait</li>'.repeat(1000);

async function answerTo(accepted: string | null, body: BodyInit | null, headers: HeadersInit) {
	const request = new Request('https://site.example/', {
		headers: accepted === null ? {} : { 'accept-encoding': accepted },
	});
	const asked = { event: { request }, resolve: () => new Response(body, { headers }) };
	// Only what the hook reads is there.
	const response = await compression(asked as unknown as Parameters<Handle>[0]);
	return { headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

const html = { 'content-type': 'text/html', etag: '"1"' };

test.each([
	['gzip, deflate, br', 'br', brotliDecompressSync],
	['gzip;q=1.0, br;q=0', 'gzip', gunzipSync],
])('for %s a page comes as %s, and says what its bytes depend on', async (accepted, name, open) => {
	const { headers, bytes } = await answerTo(accepted, text, html);
	expect(headers.get('content-encoding')).toBe(name);
	expect(headers.get('vary')).toBe('accept-encoding');
	expect(headers.get('etag')).toBe('W/"1"');
	expect(bytes.length).toBeLessThan(text.length / 20);
	expect(open(bytes).toString()).toBe(text);
});

test.each([
	['a browser that takes neither', 'identity', text, html],
	['a browser that does not say', null, text, html],
	['a picture', 'br', text, { 'content-type': 'image/jpeg' }],
	['what is compressed already', 'br', text, { ...html, 'content-encoding': 'gzip' }],
	['no body', 'br', null, html],
])('nothing is changed for %s', async (_, accepted, body, headers) => {
	const answer = await answerTo(accepted, body, headers);
	expect(answer.headers.get('content-encoding')).toBe(new Headers(headers).get('content-encoding'));
	expect(answer.bytes.toString()).toBe(body ?? '');
});
