/** Private files, at Supabase Storage with the service key or at Cloudflare R2: which one is a matter of configuration. */
export { type Moved, moveFiles } from './move-files.ts';
export { movingStore } from './moving.ts';
export { openObjectStore, openStore } from './open.ts';
export { prepareR2 } from './r2-buckets.ts';
export { r2ObjectStore } from './r2.ts';
export { supabaseObjectStore } from './supabase.ts';
