import { z } from 'zod';

const account = z.object({ id: z.uuid() });

/**
 * Asks Auth whose access token this is, so that a signed-out or deleted account is nobody at once.
 * Null: nobody's. Throws when Auth cannot be asked.
 */
export async function accountOf(
	supabase: { url: string; publishableKey: string },
	authorization: string | null,
): Promise<string | null> {
	if (!authorization || !/^Bearer \S{1,8000}$/i.test(authorization)) return null;
	const response = await fetch(`${supabase.url}/auth/v1/user`, {
		headers: { authorization, apikey: supabase.publishableKey },
		signal: AbortSignal.timeout(5000),
	});
	if (response.status >= 500) throw new Error(`Auth answered ${response.status}`);
	if (!response.ok) {
		await response.body?.cancel();
		return null;
	}
	return account.safeParse(await response.json()).data?.id ?? null;
}
