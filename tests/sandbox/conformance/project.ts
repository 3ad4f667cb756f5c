/**
 * The Supabase that the conformance tests speak to: the local stack, or a hosted project when SUPABASE_URL,
 * SUPABASE_PUBLISHABLE_KEY and SUPABASE_SECRET_KEY are given (one with our migrations, for tests only).
 */
import { randomUUID } from 'node:crypto';
import {
	createClient,
	type SupabaseClient,
	type SupabaseClientOptions,
} from '@supabase/supabase-js';
import { z } from 'zod';
import { type Stack, startStack } from '../stack.ts';

/** The files run one after the other, and share what the first has made. */
const BASE = 26420;

const quiet = {
	auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
};

export const isHosted = process.env['SUPABASE_URL'] !== undefined;

const hosted = z.object({
	SUPABASE_URL: z.url(),
	SUPABASE_PUBLISHABLE_KEY: z.string().min(1),
	SUPABASE_SECRET_KEY: z.string().min(1),
});

const arrivals = z.array(z.object({ code: z.string().nullable(), links: z.array(z.url()) }));

export type Letter = { code: string; tokenHash: string; link: URL | undefined };
export type Person = { id: string; email: string; client: SupabaseClient };

export class Project {
	readonly url: string;
	readonly #publishable: string;
	readonly secret: string;
	readonly admin: SupabaseClient;
	readonly stack: Stack | undefined;
	readonly #made: string[] = [];

	private constructor(url: string, publishable: string, secret: string, stack?: Stack) {
		this.url = url;
		this.#publishable = publishable;
		this.secret = secret;
		this.admin = createClient(url, secret, quiet);
		this.stack = stack;
	}

	static async open(): Promise<Project> {
		if (isHosted) {
			const given = hosted.parse(process.env);
			return new Project(
				given.SUPABASE_URL,
				given.SUPABASE_PUBLISHABLE_KEY,
				given.SUPABASE_SECRET_KEY,
			);
		}
		const stack = await startStack({ base: BASE, fresh: true, web: 'none', cron: false });
		return new Project(stack.urls.supabase, stack.keys.publishable, stack.keys.secret, stack);
	}

	/** A client with nobody signed in. */
	visitor(auth: SupabaseClientOptions<'public'>['auth'] = {}): SupabaseClient {
		return createClient(this.url, this.#publishable, { auth: { ...quiet.auth, ...auth } });
	}

	address(): string {
		return `conformance-${randomUUID()}@example.com`;
	}

	/** Has a sign-in mail sent and reads it; a hosted project tells its operator what would stand in it. */
	async letterTo(email: string, emailRedirectTo?: string): Promise<Letter> {
		if (this.stack === undefined) {
			const { data, error } = await this.admin.auth.admin.generateLink({
				type: 'magiclink',
				email,
			});
			if (error) throw error;
			const { email_otp: code, hashed_token: tokenHash } = data.properties;
			return { code, tokenHash, link: undefined };
		}
		const { error } = await this.visitor().auth.signInWithOtp({
			email,
			options: emailRedirectTo === undefined ? {} : { emailRedirectTo },
		});
		if (error) throw error;
		const answer = await fetch(
			`${this.stack.urls.mail}/__control/mails?to=${encodeURIComponent(email)}`,
		);
		const [mail] = arrivals.parse(await answer.json());
		const link = mail?.links
			.map((one) => new URL(one))
			.find((one) => one.searchParams.has('token_hash'));
		const tokenHash = link?.searchParams.get('token_hash');
		if (!mail?.code || !tokenHash) throw new Error('the mail carries no code or no link');
		return { code: mail.code, tokenHash, link };
	}

	/** Asks for another address, and answers the tokens that the two mails carry. The local stack only. */
	async askForAddress(person: Person, wanted: string): Promise<{ old: string; new: string }> {
		const { error } = await person.client.auth.updateUser({ email: wanted });
		if (error) throw error;
		const tokenIn = async (address: string) => {
			const answer = await fetch(
				`${this.stack?.urls.mail}/__control/mails?to=${encodeURIComponent(address)}`,
			);
			const links = arrivals.parse(await answer.json()).flatMap((mail) => mail.links);
			const link = links.find((one) => one.includes('/auth/confirm-address'));
			if (!link) throw new Error('nobody was asked');
			return new URL(link).searchParams.get('token_hash') ?? '';
		};
		return { old: await tokenIn(person.email), new: await tokenIn(wanted) };
	}

	/** Somebody new, signed in by code. */
	async person(): Promise<Person> {
		const email = this.address();
		const client = this.visitor();
		const { code } = await this.letterTo(email);
		const { data, error } = await client.auth.verifyOtp({ email, token: code, type: 'email' });
		if (error) throw error;
		if (!data.user) throw new Error('a good code gave no user');
		this.#made.push(data.user.id);
		return { id: data.user.id, email, client };
	}

	/** Takes out who was made, so that a hosted project stays as it was. */
	async close(): Promise<void> {
		for (const id of this.#made) await this.admin.auth.admin.deleteUser(id);
		await this.stack?.stop();
	}
}
