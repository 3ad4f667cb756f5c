import type { ObjectStore } from '../../domain/ports.ts';

export type SupabaseStorageConfig = {
	url: string;
	serviceKey: string;
	/** Base of the signed URLs that `readUrl` hands out. */
	publicUrl: string;
};

export function supabaseObjectStore(_config: SupabaseStorageConfig): ObjectStore {
	throw new Error('not built yet');
}
