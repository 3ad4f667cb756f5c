/** Private files, at Supabase Storage with the service key or at Cloudflare R2: which one is a matter of configuration. */
export { r2ObjectStore } from './r2.ts';
export type { R2Config } from './r2-call.ts';
export { supabaseObjectStore } from './supabase.ts';
export type { SupabaseStorageConfig } from './supabase.ts';
