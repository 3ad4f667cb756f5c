/**
 * `node supabase/files/move.ts [--forget]`: copies every file from FILE_STORE_BEFORE to FILE_STORE, each checked by
 * its hash; with `--forget` deletes from FILE_STORE_BEFORE what FILE_STORE has. Takes the environment of the
 * functions, which run with both values meanwhile. May be ended and begun again. See docs/deploy.md.
 */
import { moveFiles, type Moved, openStore } from '../functions/_shared/providers/storage/index.ts';
import { readEnv } from '../functions/_shared/runtime/env.ts';

const { files } = readEnv((name) => process.env[name]);
if (files.before === null || files.before === files.store) {
	console.error('FILE_STORE_BEFORE has to name the store that files are moved from.');
	process.exit(2);
}

const tell = ({ bucket, copied, same, different, failed, gone, forgotten }: Moved) => {
	console.log(
		`${bucket}: ${copied} copied, ${same} there, ${gone} deleted meanwhile, ${forgotten} forgotten`,
	);
	for (const name of different) console.error(`${bucket}: not the same in both: ${name}`);
	for (const name of failed) console.error(`${bucket}: not moved: ${name}`);
};

const moved = await moveFiles(openStore(files, files.before), openStore(files, files.store), {
	isForgetting: process.argv.includes('--forget'),
	tell,
});
process.exit(
	moved.every(({ different, failed }) => different.length + failed.length === 0) ? 0 : 1,
);
