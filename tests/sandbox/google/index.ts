/**
 * A stand-in for Google sign-in on loopback. It answers at Google's own paths; three hosts become one:
 * accounts.google.com/o/oauth2/v2/auth, oauth2.googleapis.com/token,
 * www.googleapis.com/oauth2/v3/certs and www.googleapis.com/userinfo/v2/me.
 */
import { randomBytes } from 'node:crypto';
import { Hono } from 'hono';
import { z } from 'zod';
import { controlAnswer, controlBody, serveOnLoopback, type Loopback } from '../loopback.ts';
import { authorizePages } from './authorize.ts';
import { consolePage } from './pages.ts';
import { claimsOf } from './people.ts';
import { certs, newAccessToken, tokenAnswer, verifierTrouble, type Grant } from './tokens.ts';

export type GoogleOptions = {
	port: number;
	clientId: string;
	clientSecret: string;
	/** Authorised redirect URIs, compared to the letter. */
	redirectUris: readonly string[];
};

const scenarioSchema = z.strictObject({
	accessDenied: z.boolean().default(false),
	emailNotVerified: z.boolean().default(false),
});
export type Scenario = z.output<typeof scenarioSchema>;
export type LogEntry = { at: 'authorize' | 'token' | 'userinfo'; email?: string; outcome: string };

const tokenRequest = z.object({
	grant_type: z.string().optional(),
	code: z.string().optional(),
	client_id: z.string().optional(),
	client_secret: z.string().optional(),
	redirect_uri: z.string().optional(),
	code_verifier: z.string().optional(),
});
type TokenRequest = z.output<typeof tokenRequest>;
type TokenRefusal = { status: 400 | 401; error: string; words: string };

export const startGoogle = (options: GoogleOptions): Promise<Loopback> =>
	serveOnLoopback('Google sign-in', options.port, () => {
		const app = new Hono();
		const codes = new Map<string, Grant>();
		const accessTokens = new Map<string, Grant>();
		const log: LogEntry[] = [];
		let scenario = scenarioSchema.parse({});

		app.route(
			'/',
			authorizePages(options, {
				scenario: () => scenario,
				log: (entry) => log.push(entry),
				codeFor: (grant) => {
					const code = `4/0A${randomBytes(32).toString('base64url')}`;
					codes.set(code, grant);
					return code;
				},
			}),
		);

		app.post('/token', async (context) => {
			const request = tokenRequest.parse(await context.req.parseBody());
			const grant = codes.get(request.code ?? '');
			const refusal = refuse(options, request, grant);
			log.push({ at: 'token', outcome: refusal?.error ?? 'granted' });
			if (refusal !== undefined || grant === undefined)
				return context.json(
					{ error: refusal?.error, error_description: refusal?.words },
					refusal?.status,
				);
			codes.delete(request.code ?? '');
			const accessToken = newAccessToken();
			accessTokens.set(accessToken, grant);
			return context.json(tokenAnswer(grant, accessToken, Date.now()));
		});

		app.get('/oauth2/v3/certs', (context) => context.json(certs));

		app.get('/userinfo/v2/me', (context) => {
			const [, token = ''] = /^Bearer (.+)$/.exec(context.req.header('authorization') ?? '') ?? [];
			const grant = accessTokens.get(token);
			log.push({ at: 'userinfo', outcome: grant === undefined ? 'unauthenticated' : 'told' });
			if (grant === undefined)
				return context.json(
					{
						error: {
							code: 401,
							message:
								'Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
							status: 'UNAUTHENTICATED',
						},
					},
					401,
				);
			const { sub, email_verified, ...rest } = claimsOf(grant.person, grant.isVerified);
			return context.json({ id: sub, verified_email: email_verified, ...rest });
		});

		app.post('/__control/scenario', async (context) => {
			const asked = scenarioSchema.safeParse(await controlBody(context));
			if (!asked.success) return context.json({ error: z.prettifyError(asked.error) }, 422);
			scenario = asked.data;
			return controlAnswer(context, scenario);
		});
		app.post('/__control/reset', (context) => {
			scenario = scenarioSchema.parse({});
			codes.clear();
			accessTokens.clear();
			log.length = 0;
			return controlAnswer(context, { ok: true });
		});
		app.get('/__control/log', (context) => context.json({ scenario, log }));
		app.get('/', (context) => context.html(consolePage(scenario, log)));
		return app.fetch;
	});

/** What Google's token address answers to a request it does not grant. */
const refuse = (
	options: GoogleOptions,
	request: TokenRequest,
	grant: Grant | undefined,
): TokenRefusal | undefined => {
	if (request.client_id !== options.clientId)
		return { status: 401, error: 'invalid_client', words: 'The OAuth client was not found.' };
	if (request.client_secret !== options.clientSecret)
		return { status: 401, error: 'invalid_client', words: 'Unauthorized' };
	if (request.grant_type !== 'authorization_code')
		return {
			status: 400,
			error: 'unsupported_grant_type',
			words: `Invalid grant_type: ${request.grant_type ?? ''}`,
		};
	if (request.code === undefined)
		return { status: 400, error: 'invalid_request', words: 'Missing required parameter: code' };
	if (grant === undefined || grant.expiresAt < Date.now())
		return { status: 400, error: 'invalid_grant', words: 'Bad Request' };
	if (request.redirect_uri !== grant.redirectUri)
		return { status: 400, error: 'redirect_uri_mismatch', words: 'Bad Request' };
	const words = verifierTrouble(grant.challenge, request.code_verifier);
	return words === undefined ? undefined : { status: 400, error: 'invalid_grant', words };
};
