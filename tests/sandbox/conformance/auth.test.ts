import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isHosted, Project } from './project.ts';

let project: Project;
beforeAll(async () => {
	project = await Project.open();
});
afterAll(() => project.close());

const tokens = (data: { session: { access_token: string; refresh_token: string } | null }) => {
	if (!data.session) throw new Error('there is no session');
	return data.session;
};

describe('sign-in by mail', () => {
	test('a code of six digits makes an account for a new address, and signs in', async () => {
		const email = project.address();
		const { code } = await project.letterTo(email);
		expect(code).toMatch(/^\d{6}$/);
		const { data, error } = await project
			.visitor()
			.auth.verifyOtp({ email, token: code, type: 'email' });
		expect(error).toBeNull();
		expect(data.user?.email).toBe(email);
		expect(tokens(data).access_token.split('.')).toHaveLength(3);
		await project.admin.auth.admin.deleteUser(data.user?.id ?? '');
	});

	test('a code works once, and a wrong one never', async () => {
		const { email } = await project.person();
		const { code } = await project.letterTo(email);
		const wrong = code === '111111' ? '222222' : '111111';
		const enter = (token: string) =>
			project.visitor().auth.verifyOtp({ email, token, type: 'email' });
		expect((await enter(wrong)).error).toMatchObject({ status: 403, code: 'otp_expired' });
		expect((await enter(code)).error).toBeNull();
		expect((await enter(code)).error).toMatchObject({ status: 403, code: 'otp_expired' });
	});

	test('the link of the mail signs the same person in, once', async () => {
		const { id, email } = await project.person();
		const { tokenHash } = await project.letterTo(email);
		const open = () => project.visitor().auth.verifyOtp({ token_hash: tokenHash, type: 'email' });
		expect((await open()).data.user?.id).toBe(id);
		expect((await open()).error).toMatchObject({ status: 403, code: 'otp_expired' });
	});

	test.skipIf(isHosted)(
		'the link names the page that was wanted, and never one off-site',
		async () => {
			const app = project.stack?.urls.app ?? '';
			const email = project.address();
			const wanted = `${app}/shoots/new?offer=signature`;
			const { link } = await project.letterTo(email, wanted);
			expect(link?.origin).toBe(app);
			expect(link?.pathname).toBe('/auth/confirm');
			expect(link?.searchParams.get('type')).toBe('email');
			expect(link?.searchParams.get('next')).toBe(wanted);
			const { link: foreign } = await project.letterTo(email, 'https://evil.example/shoots');
			expect(foreign?.searchParams.get('next')).toBe(app);
		},
	);

	test('an address that is none is refused', async () => {
		const { error } = await project.visitor().auth.signInWithOtp({ email: 'no address' });
		expect(error?.status).toBe(400);
	});
});

describe('sessions', () => {
	test('refreshing gives a new pair of tokens for the same person', async () => {
		const { id, client } = await project.person();
		const before = tokens((await client.auth.getSession()).data);
		const { data, error } = await client.auth.refreshSession();
		expect(error).toBeNull();
		expect(data.user?.id).toBe(id);
		expect(tokens(data).refresh_token).not.toBe(before.refresh_token);
		expect((await client.auth.getUser()).data.user?.id).toBe(id);
	});

	test('Auth knows whose token it is, and refuses one that was tampered with', async () => {
		const { id, client } = await project.person();
		const { access_token: token } = tokens((await client.auth.getSession()).data);
		expect((await client.auth.getClaims(token)).data?.claims.sub).toBe(id);
		const tampered = `${token.slice(0, -4)}AAAA`;
		expect((await client.auth.getUser(tampered)).error).toMatchObject({
			status: 403,
			code: 'bad_jwt',
		});
	});

	test('a refresh token that was never given out is refused', async () => {
		const { error } = await project
			.visitor()
			.auth.refreshSession({ refresh_token: 'never-given-out' });
		expect(error?.status).toBe(400);
	});

	test('signing out everywhere ends the sessions of every device', async () => {
		const { email, client } = await project.person();
		const { code } = await project.letterTo(email);
		const phone = project.visitor();
		const { data } = await phone.auth.verifyOtp({ email, token: code, type: 'email' });
		const { access_token: onPhone } = tokens(data);
		expect((await client.auth.signOut({ scope: 'global' })).error).toBeNull();
		expect((await phone.auth.getUser(onPhone)).error).not.toBeNull();
		expect((await phone.auth.refreshSession()).error?.status).toBe(400);
	});

	test('signing out on one device leaves the others', async () => {
		const { id, email, client } = await project.person();
		const { code } = await project.letterTo(email);
		const phone = project.visitor();
		await phone.auth.verifyOtp({ email, token: code, type: 'email' });
		await client.auth.signOut({ scope: 'local' });
		expect((await phone.auth.getUser()).data.user?.id).toBe(id);
	});
});

describe('another address', () => {
	const orders = [
		['old', 'new'],
		['new', 'old'],
	] as const;
	test.skipIf(isHosted).for(orders)(
		'counts when both have agreed, the %s one first',
		async ([first, second]) => {
			const person = await project.person();
			const wanted = project.address();
			const questions = await project.askForAddress(person, wanted);
			const agree = (token_hash: string) =>
				project.visitor().auth.verifyOtp({ token_hash, type: 'email_change' });
			const half = await agree(questions[first]);
			expect(half.error).toBeNull();
			expect(half.data.session).toBeNull();
			expect((await agree(questions[first])).error).toMatchObject({ status: 403 });
			expect((await person.client.auth.getUser()).data.user?.email).toBe(person.email);
			const whole = await agree(questions[second]);
			expect(whole.error).toBeNull();
			expect(whole.data.user?.email).toBe(wanted);
			expect((await agree(questions[second])).error).toMatchObject({ status: 403 });
		},
	);
});

describe('deleting an account', () => {
	test('the server deletes it with all that hangs on it, and the token is worth nothing at Auth', async () => {
		const { id, client } = await project.person();
		const { access_token: token } = tokens((await client.auth.getSession()).data);
		expect((await client.from('profiles').select('owner_id')).data).toEqual([{ owner_id: id }]);
		expect((await project.admin.auth.admin.deleteUser(id)).error).toBeNull();
		expect((await client.auth.getUser(token)).error).toMatchObject({ code: 'user_not_found' });
		expect((await client.from('profiles').select('owner_id')).data).toEqual([]);
		expect((await project.admin.auth.admin.deleteUser(id)).error).toMatchObject({
			status: 404,
			code: 'user_not_found',
		});
	});

	test('nobody else may, whoever they are', async () => {
		const { id, client } = await project.person();
		const { error } = await client.auth.admin.deleteUser(id);
		expect([401, 403]).toContain(error?.status);
		expect((await client.auth.getUser()).data.user?.id).toBe(id);
	});
});

describe('Google', () => {
	test('sends the browser to Google with our client and the way back', async () => {
		const { data, error } = await project.visitor().auth.signInWithOAuth({
			provider: 'google',
			options: { skipBrowserRedirect: true },
		});
		expect(error).toBeNull();
		const answer = await fetch(data.url ?? '', { redirect: 'manual' });
		const chooser = new URL(answer.headers.get('location') ?? '');
		expect(chooser.pathname).toBe('/o/oauth2/v2/auth');
		expect(chooser.searchParams.get('redirect_uri')).toBe(`${project.url}/auth/v1/callback`);
	});

	test.skipIf(isHosted)(
		'the chosen account comes back as a code, good for one session',
		async () => {
			const app = project.stack?.urls.app ?? '';
			const kept = new Map<string, string>();
			const storage = {
				getItem: (key: string) => kept.get(key) ?? null,
				setItem: (key: string, value: string) => void kept.set(key, value),
				removeItem: (key: string) => void kept.delete(key),
			};
			const client = project.visitor({ flowType: 'pkce', storage });
			const { data } = await client.auth.signInWithOAuth({
				provider: 'google',
				options: { skipBrowserRedirect: true, redirectTo: `${app}/auth/callback?next=/account` },
			});
			const follow = async (url: string, body?: URLSearchParams) => {
				const answer = await fetch(url, {
					redirect: 'manual',
					...(body === undefined ? {} : { method: 'POST', body }),
				});
				return answer.headers.get('location') ?? '';
			};
			const chooser = await follow(data.url ?? '');
			const email = project.address();
			const callback = await follow(chooser, new URLSearchParams({ email, name: 'Ada Example' }));
			const back = new URL(await follow(callback));
			expect(back.origin + back.pathname).toBe(`${app}/auth/callback`);
			expect(back.searchParams.get('next')).toBe('/account');
			const code = back.searchParams.get('code') ?? '';
			const signedIn = await client.auth.exchangeCodeForSession(code);
			expect(signedIn.error).toBeNull();
			expect(signedIn.data.user?.email).toBe(email);
			expect((await client.auth.exchangeCodeForSession(code)).error).not.toBeNull();
			await project.admin.auth.admin.deleteUser(signedIn.data.user?.id ?? '');
		},
	);
});
