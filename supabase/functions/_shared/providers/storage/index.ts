/** Private files at Supabase Storage, with the service key. */
export { supabaseObjectStore } from './supabase.ts';
export type { SupabaseStorageConfig } from './supabase.ts';
