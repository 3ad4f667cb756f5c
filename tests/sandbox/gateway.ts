/**
 * The address SUPABASE_URL: lite, with the gaps closed that lie between it and a hosted project,
 * and nothing else. conformance.test.ts says what must hold of both.
 */
import type { App } from '@supabase/lite';
import { Hono } from 'hono';
import type { Sql } from 'postgres';
import { z } from 'zod';
import { storageGaps } from './gateway-storage.ts';
import { askNewAddress, GOOGLE_HOSTS, type LiteConfig, wantedRedirect } from './lite.ts';

export type Behind = {
	config: LiteConfig;
	sql: Sql;
	/** Where lite keeps the bytes of objects. */
	files: Pick<NonNullable<App['_storageAdapter']>, 'deleteObjects'>;
	lite(request: Request): Promise<Response>;
};

/** A request like another, with another body. */
export const withBody = (
	request: Request,
	body: BodyInit,
	headers: Record<string, string> = {},
) => {
	const all = new Headers(request.headers);
	for (const name of ['content-length', 'transfer-encoding']) all.delete(name);
	for (const [name, value] of Object.entries(headers)) all.set(name, value);
	return new Request(request.url, { method: request.method, headers: all, body });
};

export function gateway(options: { config: LiteConfig; lite: App; sql: Sql }) {
	const { config, sql } = options;
	const files = options.lite._storageAdapter;
	if (!files) throw new Error('lite has no place for files');
	const behind: Behind = {
		config,
		sql,
		files,
		lite: async (request) => options.lite.fetch(request, { peerAddress: null }),
	};
	const hono = new Hono();
	hono.all('/functions/v1/*', (context) => toFunctions(config.functionsUrl, context.req.raw));
	hono.route('/auth/v1', authGaps(behind));
	hono.route('/storage/v1', storageGaps(behind));
	hono.all('*', (context) => behind.lite(context.req.raw));
	return async (request: Request): Promise<Response> =>
		withCors(request, await hono.fetch(request));
}

/** lite answers preflights of Auth without naming the headers that supabase-js sends. */
function withCors(request: Request, response: Response): Response {
	const { pathname } = new URL(request.url);
	if (!pathname.startsWith('/auth/v1/')) return response;
	const headers = new Headers(response.headers);
	headers.set('access-control-allow-origin', '*');
	const asked = request.headers.get('access-control-request-headers');
	if (request.method === 'OPTIONS' && asked) headers.set('access-control-allow-headers', asked);
	return new Response(response.body, { status: response.status, headers });
}

/** As hosted, a function sees its own name as the first part of the path. */
async function toFunctions(functionsUrl: string, request: Request): Promise<Response> {
	const url = new URL(request.url);
	const target = functionsUrl + url.pathname.slice('/functions/v1'.length) + url.search;
	const headers = new Headers(request.headers);
	for (const name of ['connection', 'transfer-encoding', 'keep-alive']) headers.delete(name);
	headers.set('accept-encoding', 'identity');
	try {
		const hasBody = request.method !== 'GET' && request.method !== 'HEAD' && request.body !== null;
		const answer = await fetch(target, {
			method: request.method,
			headers,
			redirect: 'manual',
			...(hasBody ? { body: request.body, duplex: 'half' } : {}),
		});
		return new Response(answer.body, { status: answer.status, headers: answer.headers });
	} catch {
		return Response.json(
			{ code: 'BOOT_ERROR', message: 'Function failed to start (please check logs)' },
			{ status: 503 },
		);
	}
}

const otpBody = z.looseObject({ type: z.string().optional(), token_hash: z.string().default('') });

/**
 * Whether lite may go on. A hosted project changes an address when the old and the new one have agreed, in
 * whatever order; lite when the old one has. So the first to agree is noted here, and the second reaches lite as the old one.
 */
async function haveBothAgreed(sql: Sql, hash: string): Promise<boolean> {
	if (hash === '') return true;
	const first = await sql`
		update auth.users set email_change_confirm_status = 1,
			email_change_token_current = case when email_change_token_current = ${hash} then '' else email_change_token_current end,
			email_change_token_new = case when email_change_token_new = ${hash} then '' else email_change_token_new end
		where ${hash} in (email_change_token_current, email_change_token_new)
			and coalesce(email_change_confirm_status, 0) = 0
			and email_change_sent_at > now() - interval '15 minutes'`;
	if (first.count > 0) return false;
	await sql`
		update auth.users
		set email_change_token_current = ${hash}, email_change_token_new = '', email_change_confirm_status = 0
		where email_change_token_new = ${hash} and email_change_confirm_status = 1`;
	return true;
}

function authGaps({ config, sql, lite }: Behind): Hono {
	const hono = new Hono();

	// With the provider Email off, a hosted project sends no code and takes no password either; lite refuses to sign up alone.
	for (const door of ['/otp', '/token'])
		hono.post(door, async (context, next) => {
			const isByMail = door === '/otp' || context.req.query('grant_type') === 'password';
			if (config.hasEmail || !isByMail) return next();
			const refusal = { error_code: 'email_provider_disabled', msg: 'Email logins are disabled' };
			return context.json({ code: 422, ...refusal }, 422);
		});

	// A hosted project fills the wanted page into the mail when it is on the allow list.
	hono.post('/otp', (context) => {
		const wanted = context.req.query('redirect_to');
		const isAllowed = wanted === config.siteUrl || wanted?.startsWith(`${config.siteUrl}/`);
		return wanted && isAllowed
			? wantedRedirect.run(wanted, () => lite(context.req.raw))
			: lite(context.req.raw);
	});

	// The type `email`, for a code of either kind, is unknown to lite; its `magiclink` tries both kinds.
	hono.post('/verify', async (context) => {
		const text = await context.req.text();
		const body = otpBody.safeParse(safeJson(text));
		if (body.data?.type === 'email_change' && !(await haveBothAgreed(sql, body.data.token_hash)))
			return context.json({
				msg: 'Confirmation link accepted. Please proceed to confirm link sent to the other email',
				code: '200',
			});
		return lite(
			withBody(
				context.req.raw,
				body.data?.type === 'email' ? JSON.stringify({ ...body.data, type: 'magiclink' }) : text,
			),
		);
	});

	// A hosted project asks the old address and the new one.
	hono.put('/user', async (context) => {
		const text = await context.req.text();
		const answer = await lite(withBody(context.req.raw, text));
		const wanted = z.object({ email: z.string() }).safeParse(safeJson(text));
		if (!answer.ok || !wanted.success) return answer;
		const [change] = await sql<{ email: string; newEmail: string; tokenHash: string }[]>`
			update auth.users set email_change_confirm_status = 0
			where email_change = ${wanted.data.email.toLowerCase()}
				and email_change_token_current <> '' and email_change_token_new <> ''
			returning email, email_change as "newEmail", email_change_token_new as "tokenHash"`;
		if (change) await askNewAddress(config, change);
		return answer;
	});

	// lite sends the browser to the real Google; the stand-in shows the chooser.
	hono.get('/authorize', async (context) => {
		const answer = await lite(context.req.raw);
		const location = answer.headers.get('location');
		if (!location || !URL.canParse(location)) return answer;
		const url = new URL(location);
		return GOOGLE_HOSTS.includes(url.hostname)
			? context.redirect(new URL(url.pathname + url.search, config.googleUrl).href, 302)
			: answer;
	});

	hono.use('/admin/*', async (context, next) => {
		if (context.req.header('apikey') !== config.keys.secret)
			return context.json({ code: 403, error_code: 'not_admin', msg: 'User not allowed' }, 403);
		await next();
	});
	const notFound = { code: 404, error_code: 'user_not_found', msg: 'User not found' };
	const user = (id: string) => sql<{ id: string; email: string | null }[]>`
		select id, aud, role, email, email_confirmed_at, last_sign_in_at, created_at, updated_at,
			raw_app_meta_data as app_metadata, raw_user_meta_data as user_metadata
		from auth.users where id = ${id}`;
	hono.get('/admin/users/:id{[0-9a-f-]{36}}', async (context) => {
		const [row] = await user(context.req.param('id'));
		return row ? context.json(row) : context.json(notFound, 404);
	});
	// Hard deletion only: sessions and identities go with the row, files in Storage do not.
	hono.delete('/admin/users/:id{[0-9a-f-]{36}}', async (context) => {
		const gone = await sql`delete from auth.users where id = ${context.req.param('id')}`;
		return gone.count === 1 ? context.json({}) : context.json(notFound, 404);
	});
	return hono;
}

function safeJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
