import { z } from 'zod';
import { Refusal } from '../domain/refusal.ts';

const account = z.object({ id: z.uuid() });
const claims = z.object({ session_id: z.uuid() });
const profiles = z.array(z.object({ owner_id: z.uuid() }));

/**
 * Asks Auth whose access token this is, so that a signed-out account is nobody at once, and the
 * database whether that account is open to its own tokens. Null: nobody's.
 * Throws when one of them cannot be asked.
 */
export async function accountOf(
	supabase: { url: string; publishableKey: string },
	authorization: string | null,
): Promise<string | null> {
	if (!authorization || !/^Bearer \S{1,8000}$/i.test(authorization)) return null;
	const ask = async <T>(path: string, answer: z.ZodType<T>): Promise<T | null> => {
		const response = await fetch(`${supabase.url}${path}`, {
			headers: { authorization, apikey: supabase.publishableKey },
			signal: AbortSignal.timeout(5000),
		});
		if (response.status === 503)
			throw new Refusal(
				'provider_unavailable',
				503,
				'We are closed for a moment.',
				'Nothing is lost. Please try again in a few minutes.',
			);
		if (response.status >= 500) throw new Error(`${path} answered ${response.status}`);
		if (response.ok) return answer.safeParse(await response.json()).data ?? null;
		await response.body?.cancel();
		return null;
	};
	const [user, open] = await Promise.all([
		ask('/auth/v1/user', account),
		ask('/rest/v1/profiles?select=owner_id', profiles),
	]);
	return open?.some(({ owner_id }) => owner_id === user?.id) ? (user?.id ?? null) : null;
}

/** The session that a token belongs to, as it says itself: only to be asked of one that Auth has accepted. */
export function sessionOf(authorization: string | null): string | null {
	const payload = authorization?.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/');
	try {
		return claims.parse(JSON.parse(atob(payload ?? ''))).session_id;
	} catch {
		return null;
	}
}
