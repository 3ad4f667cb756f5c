import { expect, test } from 'vitest';
import { sessionOf } from './person.ts';

const token = (claims: unknown) =>
	`Bearer e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;
const id = '7b0c1c6e-2a3f-4d5e-8f90-0123456789ab';

test('a token names its session', () => {
	expect(sessionOf(token({ sub: id, session_id: id, name: '~~~???' }))).toBe(id);
});

test.each([null, 'Bearer x', 'Bearer a.%%%.c', token({ sub: id }), token({ session_id: 'all' })])(
	'%j names none',
	(authorization) => {
		expect(sessionOf(authorization)).toBe(null);
	},
);
