import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { caller } from './call.ts';

/** As PostgREST says that Postgres broke a deadlock. */
const deadlock = {
	code: '40P01',
	details: 'Process 1 waits for ShareLock on transaction 2; blocked by process 3.',
	hint: 'See server log for query details.',
	message: 'deadlock detected',
};

let stop = () => {};
afterEach(() => stop());

/** A Data API that answers so the first times, and 1 from then on; how often it was asked. */
async function dataApi(times: number, error: object) {
	let asked = 0;
	const server = createServer((request, response) => {
		request.resume();
		asked += 1;
		const isError = asked <= times;
		response.writeHead(isError ? 500 : 200, { 'content-type': 'application/json' });
		response.end(JSON.stringify(isError ? error : 1));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	stop = () => void server.close();
	const { port } = server.address() as AddressInfo;
	const call = caller({ url: `http://127.0.0.1:${port}`, serviceKey: 'key' });
	return { asked: () => asked, call: () => call('one', {}, z.literal(1)) };
}

test('what lost a deadlock is done again', async () => {
	const { call, asked } = await dataApi(2, deadlock);
	expect(await call()).toBe(1);
	expect(asked()).toBe(3);
});

test('not for ever', async () => {
	const { call, asked } = await dataApi(9, deadlock);
	await expect(call()).rejects.toThrow('one: 40P01 (500) deadlock detected');
	expect(asked()).toBe(3);
});

test('what failed otherwise is done once: it may have happened', async () => {
	const { call, asked } = await dataApi(9, { ...deadlock, code: '57014', message: 'timeout' });
	await expect(call()).rejects.toThrow('one: 57014 (500) timeout');
	expect(asked()).toBe(1);
});
