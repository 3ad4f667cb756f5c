/** Files and rows, both ways, a bounded part at a turn; and whether the portraits are still the bytes they were. */
import { keysBelow } from '../domain/object-store.ts';
import { personalBuckets } from '../domain/privacy/erasure.ts';
import type { FileKeeper } from '../domain/reconciliation.ts';
import type { Deps } from './deps.ts';
import { pace } from './pace.ts';

type Files = Pick<Deps, 'store' | 'objects' | 'clock' | 'log'>;

/** Each in its turn; one that fails goes on from the same place at the next. */
export async function reconcileFiles(deps: Files): Promise<void> {
	await inTurn(deps, 'strays', pace.strayTurn, findStrays);
	await inTurn(deps, 'losses', pace.lossTurn, findLosses);
	await inTurn(deps, 'integrity', pace.integrityTurn, auditPortraits);
}

async function inTurn(
	deps: Files,
	keeper: FileKeeper,
	everySeconds: number,
	act: (deps: Files, position: string) => Promise<string>,
): Promise<void> {
	try {
		if ((await deps.store.takeTurn(keeper, everySeconds, deps.clock.now())) === null) return;
		const position = await act(deps, await deps.store.turnPosition(keeper));
		await deps.store.leaveTurn(keeper, position, deps.clock.now());
	} catch (error) {
		const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
		deps.log.error('reconciliation.failed', { keeper, reason: reason.slice(0, 300) });
	}
}

/** The position is `<bucket> <key>`; '' is the beginning. */
async function findStrays(deps: Files, position: string): Promise<string> {
	const [startBucket = '', startKey = ''] = position.split(' ', 2);
	const first = Math.max(
		0,
		personalBuckets.findIndex((bucket) => bucket === startBucket),
	);
	const oldest = deps.clock.now().getTime() - pace.strayGrace * 1000;
	let left: number = pace.filesPerTurn;
	for (const bucket of personalBuckets.slice(first)) {
		const after = bucket === startBucket ? startKey : '';
		for await (const page of deps.objects.list(bucket, '', after)) {
			const keys = page
				.filter(({ changedAt }) => changedAt.getTime() < oldest)
				.map(({ key }) => key);
			if (keys.length > 0) {
				const deleting = await deps.store.noteStrays(bucket, keys, deps.clock.now());
				if (deleting > 0) deps.log.error('reconciliation.strays', { bucket, deleting });
			}
			left -= page.length;
			if (left <= 0) return `${bucket} ${page.at(-1)?.key ?? after}`;
		}
	}
	return '';
}

/** Looked for folder by folder, and once more by itself before anything is settled. */
async function findLosses(deps: Files, position: string): Promise<string> {
	const files = await deps.store.filesToLookFor(position, pace.filesPerTurn, deps.clock.now());
	const folders = new Map<string, Set<string>>();
	for (const { bucket, key } of files) {
		const folder = key.slice(0, key.lastIndexOf('/'));
		const at = `${bucket} ${folder}`;
		if (!folders.has(at)) folders.set(at, new Set(await keysBelow(deps.objects, bucket, folder)));
		if (folders.get(at)?.has(key) || (await deps.objects.head(bucket, key)) !== null) continue;
		const outcome = await deps.store.settleLoss(bucket, key, deps.clock.now());
		deps.log.error('reconciliation.file_missing', { bucket, outcome });
	}
	const last = files.at(-1);
	return last ? `${last.bucket} ${last.key}` : '';
}

/** Promise P-20: what is kept is kept as it was. A portrait that is not is for somebody to look at. */
async function auditPortraits(deps: Files, position: string): Promise<string> {
	const portraits = await deps.store.portraitsToAudit(position, pace.portraitsPerAudit);
	for (const { id, key, sha256 } of portraits) {
		const head = await deps.objects.head('headshots', key);
		// Missing ones are found, and settled, by the other turn.
		if (head === null) continue;
		if ((await digestOf(await deps.objects.read('headshots', key))) === sha256) continue;
		await deps.store.noteDifference('portrait_altered', id, null, deps.clock.now());
		deps.log.error('integrity.altered', { headshot: id });
	}
	return portraits.at(-1)?.id ?? '';
}

async function digestOf(bytes: Uint8Array): Promise<string> {
	const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
	return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
