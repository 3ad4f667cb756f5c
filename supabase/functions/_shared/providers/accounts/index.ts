/** The accounts of Supabase Auth, as its administrator. */
import { createClient } from '@supabase/supabase-js';
import type { Accounts } from '../../domain/privacy/erasure.ts';

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
			const { error } = await auth.admin.deleteUser(ownerId);
			if (error !== null && error.status !== 404)
				throw new Error(`auth: ${error.status ?? 'no answer'} ${error.code ?? ''}`.trimEnd());
			if (await known(ownerId)) throw new Error('auth: the account is still there');
			return { evidence: { status: 404 } };
		},
	};
}
