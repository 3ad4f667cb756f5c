/** pgTAP without an extension directory: its SQL comes from npm and is loaded as it is. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';
import type { Sql } from 'postgres';

const BLOCK = 512;

/** The text of one file of a tar archive. */
function fileInTar(tar: Buffer, isWanted: (name: string) => boolean): string {
	for (let at = 0; at + BLOCK <= tar.length;) {
		const name = tar.toString('latin1', at, at + 100).replace(/\0.*$/, '');
		const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8) || 0;
		if (isWanted(name)) return tar.toString('utf8', at + BLOCK, at + BLOCK + size);
		at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
	}
	throw new Error('The archive of pgTAP has changed its layout.');
}

export async function loadPgTap(sql: Sql): Promise<void> {
	const archive = createRequire(import.meta.url)
		.resolve('@electric-sql/pglite-pgtap')
		.replace(/[^/\\]+$/, 'pgtap.tar.gz');
	const script = fileInTar(gunzipSync(readFileSync(archive)), (name) =>
		/\/extension\/pgtap--\d+\.\d+\.\d+\.sql$/.test(name),
	);
	await sql.begin(async (transaction) => {
		await transaction.unsafe('set local search_path = extensions');
		await transaction.unsafe('set local client_min_messages = error');
		await transaction.unsafe(script).simple();
	});
}
