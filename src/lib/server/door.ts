import type { Cookies } from '@sveltejs/kit';
import { z } from 'zod';

/** Seconds that a code lives; `otp_expiry` in supabase/config.toml says the same. */
export const codeSeconds = 900;
/** Seconds between two mails to one address; `max_frequency` in supabase/config.toml says the same. */
export const mailPauseSeconds = 60;

const asked = z.object({ email: z.string(), askedAt: z.number() });

/** Whom a code was sent to, and when (ms). Kept for this browser only, out of addresses and logs. */
export type Asked = z.infer<typeof asked>;

const nameOn = (url: URL) => (url.protocol === 'https:' ? '__Host-door' : 'door');

export function rememberAsked(cookies: Cookies, url: URL, value: Asked): void {
	cookies.set(nameOn(url), JSON.stringify(value), {
		path: '/',
		httpOnly: true,
		secure: url.protocol === 'https:',
		sameSite: 'lax',
		maxAge: 2 * codeSeconds,
	});
}

export function recallAsked(cookies: Cookies, url: URL): Asked | null {
	try {
		return asked.parse(JSON.parse(cookies.get(nameOn(url)) ?? ''));
	} catch {
		return null;
	}
}

/** After signing in: takes away what only the way in needed, the proof keys of the auth client too. */
export function closeDoor(cookies: Cookies, url: URL): void {
	for (const { name } of cookies.getAll()) {
		if (name === nameOn(url) || name.endsWith('-code-verifier')) {
			cookies.delete(name, { path: '/', secure: url.protocol === 'https:' });
		}
	}
}

export type DoorProblem = { status: number; title: string; hint: string };

/** What the auth server refused when it was asked to send a code, in words. */
export function sendingProblem(error: {
	status?: number | undefined;
	code?: string | undefined;
}): DoorProblem {
	if (error.status === 429) {
		return {
			status: 429,
			title: 'Too many codes were asked for.',
			hint: 'Please wait a minute. A code that you already have still works.',
		};
	}
	if (error.code === 'email_address_invalid' || error.code === 'validation_failed') {
		return notAnAddress;
	}
	return {
		status: 503,
		title: 'We could not send the mail just now.',
		hint: 'Your address is still in the field. Please try again in a minute.',
	};
}

export const notAnAddress: DoorProblem = {
	status: 422,
	title: 'That does not look like an e-mail address.',
	hint: 'It needs an @ and a domain, like name@example.com.',
};

/** What the auth server refused when it was shown a code. It says the same for wrong and for old codes. */
export function codeProblem(
	error: { status?: number | undefined },
	askedAt: number,
	now: number,
): DoorProblem {
	if (error.status === 429) {
		return {
			status: 429,
			title: 'Too many tries.',
			hint: 'Please wait a minute, then use the newest code.',
		};
	}
	if (error.status === undefined || error.status === 0 || error.status >= 500) {
		return {
			status: 503,
			title: 'We could not check the code just now.',
			hint: 'It is still good. Please try again in a minute.',
		};
	}
	if (now - askedAt > codeSeconds * 1000) {
		return {
			status: 422,
			title: 'That code has expired.',
			hint: `Codes work for ${codeSeconds / 60} minutes. Have a new one sent below.`,
		};
	}
	return {
		status: 422,
		title: 'That code is not right.',
		hint: 'Look for the newest mail: a new code replaces the older ones. Each works once.',
	};
}
