import { expect, test } from 'vitest';
import { codeProblem, codeSeconds, sendingProblem } from './door.ts';

const asked = Date.UTC(2026, 10, 21);
const late = asked + (codeSeconds + 1) * 1000;

test.each([
	['a code that is wrong', { status: 403 }, asked + 1000, 422, 'not right'],
	['a code that is too old', { status: 403 }, late, 422, 'expired'],
	['too many tries', { status: 429 }, late, 429, 'Too many'],
	['an auth server in trouble', { status: 500 }, asked, 503, 'could not check'],
	['an auth server out of reach', {}, asked, 503, 'could not check'],
])('%s is told apart', (_, error, now, status, title) => {
	const problem = codeProblem(error, asked, now);
	expect(problem.status).toBe(status);
	expect(problem.title).toContain(title);
});

test.each([
	[
		'an address that the auth server does not take',
		{ status: 400, code: 'email_address_invalid' },
		422,
	],
	['too many mails', { status: 429, code: 'over_email_send_rate_limit' }, 429],
	['a mail server out of reach', { status: 500, code: 'unexpected_failure' }, 503],
	['no answer at all', {}, 503],
])('%s gets its own answer', (_, error, status) => {
	expect(sendingProblem(error).status).toBe(status);
});
