/** Each edge function checks with its own deno.json, as a deploy would read it, and from nothing outside the project. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const functions = join(root, 'supabase/functions');
const names = readdirSync(functions, { withFileTypes: true })
	.filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'))
	.map((entry) => entry.name);

let status = 0;
for (const name of names) {
	const run = spawnSync(
		'deno',
		[
			'check',
			'--quiet',
			'--no-lock',
			'--config',
			join(functions, name, 'deno.json'),
			join(functions, name, 'index.ts'),
		],
		{ cwd: root, stdio: 'inherit' },
	);
	if (run.status !== 0) status = 1;
}
console.log(`${names.length} functions checked`);
process.exit(names.length === 0 ? 1 : status);
