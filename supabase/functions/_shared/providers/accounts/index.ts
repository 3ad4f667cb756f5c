/** The accounts of Supabase Auth, as its administrator. */
import { createClient } from '@supabase/supabase-js';
import type { Accounts } from '../../domain/privacy/erasure.ts';

/** Seconds for one call. */
const callTimeout = 30;

export function supabaseAccounts(config: { url: string; serviceKey: string }): Accounts {
	const { auth } = createClient(config.url, config.serviceKey, {
		auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
	});
	const known = async (ownerId: string): Promise<boolean> => {
		const { error } = await auth.admin.getUserById(ownerId);
		if (error === null) return true;
		if (error.status === 404) return false;
		throw new Error(`auth: ${error.status ?? 'no answer'} ${error.code ?? ''}`.trimEnd());
	};
	return {
		async delete(ownerId) {
			// `auth.admin.deleteUser` would read the account first, and leave alone what it could not read.
			const answer = await fetch(`${config.url}/auth/v1/admin/users/${ownerId}`, {
				method: 'DELETE',
				headers: { apikey: config.serviceKey, authorization: `Bearer ${config.serviceKey}` },
				signal: AbortSignal.timeout(callTimeout * 1000),
			});
			await answer.body?.cancel();
			if (!answer.ok && answer.status !== 404) throw new Error(`auth: ${answer.status}`);
			if (await known(ownerId)) throw new Error('auth: the account is still there');
			return { evidence: { status: 404 } };
		},
	};
}
