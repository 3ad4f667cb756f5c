/** A disk that is full: the database on a small file system of its own, and something that fills it. */
import { execFile } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { dataDir, killHard, type RealWorld, revive } from './world.ts';

const run = promisify(execFile);

export type SmallDisk = {
	/** No byte is left, and the database has noticed. */
	fill(): Promise<void>;
	/** There is room again, and somebody has started what had ended. */
	clear(): Promise<void>;
};

/** Why no small disk can be had here; null when it can. */
export async function whyNoSmallDisk(): Promise<string | null> {
	if (process.platform !== 'linux' || process.getuid?.() !== 0)
		return 'only root on Linux may mount';
	const folder = await mkdtemp(join(tmpdir(), 'disk-'));
	try {
		await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
		await run('umount', [folder]);
		return null;
	} catch (error) {
		return String(error).split('\n')[0] ?? 'mount failed';
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

async function answers(url: string): Promise<boolean> {
	const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => undefined });
	try {
		await sql`select 1`;
		return true;
	} catch {
		return false;
	} finally {
		await sql.end({ timeout: 1 });
	}
}

/** A run that was killed leaves its small disk where the next one's database goes. */
export async function clearLeftover(): Promise<void> {
	await run('umount', [join(dataDir, 'postgres')]).catch(() => undefined);
}

/** Moves the database to a disk with 64 MB to spare. To be unmounted when the stack has stopped. */
export async function moveToSmallDisk(
	world: RealWorld,
): Promise<SmallDisk & { unmount(): Promise<void> }> {
	const { stack } = world;
	const folder = join(stack.dataDir, 'postgres');
	const aside = `${folder}.aside`;
	const ballast = join(folder, 'ballast');
	killHard(world, 'postgres');
	await run('cp', ['-a', folder, aside]);
	const { stdout } = await run('du', ['-sm', folder]);
	const size = `${Number.parseInt(stdout) + 64}m`;
	await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
	await run('cp', ['-a', `${aside}/.`, folder]);
	await rm(aside, { recursive: true });
	await revive(world, 'postgres');
	return {
		async fill() {
			const file = await open(ballast, 'w');
			try {
				const { bavail, bsize } = statfsSync(folder);
				const chunk = Buffer.alloc(1 << 20);
				for (let left = bavail * bsize; left > 0; left -= chunk.length)
					await file.write(chunk.subarray(0, Math.min(left, chunk.length)));
			} finally {
				await file.close();
			}
			// Whatever it still had in hand is used up.
			for (let segment = 0; segment < 20; segment++)
				try {
					await stack.sql`select pg_switch_wal(), pg_logical_emit_message(true, 'full', repeat('x', 100000))`;
				} catch {
					return;
				}
			throw new Error('the disk is full, and the database does not mind');
		},
		async clear() {
			await rm(ballast);
			// It may be on its way down, or up again by itself.
			while (!(await answers(stack.databaseUrl)))
				if (!existsSync(`/proc/${stack.pids.postgres}`)) await revive(world, 'postgres');
				else await setTimeout(100);
		},
		async unmount() {
			await run('umount', [folder]);
		},
	};
}
