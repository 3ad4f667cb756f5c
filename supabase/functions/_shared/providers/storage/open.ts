import type { FileStore, FileStores, ObjectStore } from '../../domain/object-store.ts';
import { movingStore } from './moving.ts';
import { r2ObjectStore } from './r2.ts';
import { supabaseObjectStore } from './supabase.ts';

/** The store that is configured; while files are moved, the one that is moved from stands behind it. */
export function openObjectStore(files: FileStores): ObjectStore {
	const store = openStore(files, files.store);
	return files.before === null || files.before === files.store
		? store
		: movingStore(store, openStore(files, files.before));
}

/** One of the two, by name. */
export function openStore({ supabase, r2 }: FileStores, name: FileStore): ObjectStore {
	if (name === 'supabase') return supabaseObjectStore(supabase);
	if (r2 === null) throw new Error('R2 is not configured');
	return r2ObjectStore(r2);
}
