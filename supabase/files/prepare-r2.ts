/**
 * `node supabase/files/prepare-r2.ts <origin of the web app> …`: makes the buckets at R2, says which pages may speak
 * to them, and sets the second net of lifecycle rules. Takes the environment of the functions. Safe to repeat.
 */
import { prepareR2 } from '../functions/_shared/providers/storage/index.ts';
import { egressOf } from '../functions/_shared/runtime/egress.ts';
import { readEnv } from '../functions/_shared/runtime/env.ts';

const env = readEnv((name) => process.env[name]);
const { files } = env;
// Buckets cannot be moved to another jurisdiction: they are made where the policy says they lie, or not at all.
egressOf(env);
const origins = process.argv.slice(2);
if (files.r2 === null || origins.length === 0 || !origins.every((one) => URL.canParse(one))) {
	console.error('FILE_STORE (or FILE_STORE_BEFORE) has to be r2, and each argument an origin.');
	process.exit(2);
}
for (const bucket of await prepareR2(
	files.r2,
	origins.map((one) => new URL(one).origin),
))
	console.log(`${bucket}: ready`);
