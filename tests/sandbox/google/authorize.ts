/** `/o/oauth2/v2/auth`: checks who asks, lets the person choose, and goes back with a code or a refusal. */
import { Hono } from 'hono';
import { z } from 'zod';
import type { GoogleOptions, LogEntry, Scenario } from './index.ts';
import { chooserPage, refusalPage } from './pages.ts';
import { people } from './people.ts';
import type { Grant } from './tokens.ts';

const path = '/o/oauth2/v2/auth';
const codeLifetime = 10 * 60 * 1000;

const questionSchema = z.object({
	client_id: z.string().optional(),
	redirect_uri: z.string().optional(),
	response_type: z.string().optional(),
	scope: z.string().optional(),
	state: z.string().optional(),
	nonce: z.string().optional(),
	code_challenge: z.string().optional(),
	code_challenge_method: z.enum(['plain', 'S256']).default('plain').catch('plain'),
});
type Question = z.output<typeof questionSchema>;
type Refusal = { status: 400 | 401; code: string; words: string };

const choiceSchema = z.object({
	cancel: z.literal('true').optional(),
	email: z.string().trim().toLowerCase().default(''),
	name: z.string().trim().default(''),
});

type Desk = {
	scenario(): Scenario;
	log(entry: LogEntry): void;
	codeFor(grant: Grant): string;
};

export const authorizePages = (options: GoogleOptions, desk: Desk): Hono => {
	const pages = new Hono();

	pages.get(path, (context) => {
		const refusal = refuse(options, questionSchema.parse(context.req.query()));
		if (refusal === undefined) return context.html(chooserPage());
		desk.log({ at: 'authorize', outcome: refusal.code });
		return context.html(refusalPage(refusal.status, refusal.code, refusal.words), refusal.status);
	});

	// The chooser's forms post to its own address, so the question comes along with the choice.
	pages.post(path, async (context) => {
		const question = questionSchema.parse(context.req.query());
		const refusal = refuse(options, question);
		if (refusal !== undefined)
			return context.html(refusalPage(refusal.status, refusal.code, refusal.words), refusal.status);
		const choice = choiceSchema.parse(await context.req.parseBody());
		if (choice.cancel !== undefined || desk.scenario().accessDenied) {
			desk.log({ at: 'authorize', outcome: 'access_denied' });
			return context.redirect(back(question, { error: 'access_denied' }), 303);
		}
		if (!z.email().safeParse(choice.email).success)
			return context.html(chooserPage('Enter a valid email address.'), 422);
		desk.log({ at: 'authorize', email: choice.email, outcome: 'chosen' });
		const code = desk.codeFor(grantOf(question, choice, !desk.scenario().emailNotVerified));
		return context.redirect(back(question, { code, scope: question.scope ?? '' }), 303);
	});
	return pages;
};

const refuse = (options: GoogleOptions, question: Question): Refusal | undefined => {
	if (question.client_id === undefined) return missing('client_id');
	if (question.client_id !== options.clientId)
		return { status: 401, code: 'invalid_client', words: 'The OAuth client was not found.' };
	if (question.redirect_uri === undefined) return missing('redirect_uri');
	if (!options.redirectUris.includes(question.redirect_uri))
		return {
			status: 400,
			code: 'redirect_uri_mismatch',
			words: `The redirect URI ${question.redirect_uri} is not registered for this app.`,
		};
	if (question.response_type === undefined) return missing('response_type');
	if (question.response_type !== 'code')
		return {
			status: 400,
			code: 'unsupported_response_type',
			words: `Invalid response_type: ${question.response_type}`,
		};
	return question.scope === undefined ? missing('scope') : undefined;
};

const missing = (name: string): Refusal => ({
	status: 400,
	code: 'invalid_request',
	words: `Missing required parameter: ${name}`,
});

const grantOf = (
	question: Question,
	{ email, name }: { email: string; name: string },
	isVerified: boolean,
): Grant => ({
	person: people.find((one) => one.email === email) ?? { email, name: name || email, locale: 'en' },
	isVerified,
	clientId: question.client_id ?? '',
	redirectUri: question.redirect_uri ?? '',
	nonce: question.nonce,
	challenge:
		question.code_challenge === undefined
			? undefined
			: { value: question.code_challenge, method: question.code_challenge_method },
	expiresAt: Date.now() + codeLifetime,
});

const back = (question: Question, answer: Record<string, string>): string => {
	const url = new URL(question.redirect_uri ?? '');
	const { state } = question;
	for (const [name, value] of Object.entries({
		...(state === undefined ? {} : { state }),
		...answer,
	}))
		url.searchParams.set(name, value);
	return url.href;
};
