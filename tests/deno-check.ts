/**
 * The edge functions check under the real Deno, with the import map that each one's deno.json names,
 * and from the packages that are installed here: nothing is downloaded.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const functions = join(root, 'supabase/functions');
const entries = readdirSync(functions, { withFileTypes: true })
	.filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'))
	.map((entry) => join(functions, entry.name, 'index.ts'));

const { status } = spawnSync(
	'deno',
	[
		'check',
		'--quiet',
		'--no-lock',
		'--no-remote',
		'--node-modules-dir=manual',
		`--import-map=${join(functions, 'import_map.json')}`,
		...entries,
	],
	{ cwd: root, stdio: 'inherit' },
);
console.log(`${entries.length} functions checked`);
process.exit(entries.length === 0 ? 1 : (status ?? 1));
