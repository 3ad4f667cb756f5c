/** A shoot: one person's order of work, from choosing a pack to the gallery. */
import type { Engine } from './engine.ts';

export const shootStatuses = [
	'draft',
	'paid',
	'training',
	'generating',
	'ready',
	'failed',
	'refunded',
] as const;

export type ShootStatus = (typeof shootStatuses)[number];

/** Mirror of the SQL table `shoot_moves`; a test holds the two equal. */
export const shootMoves = {
	studio: {
		draft: ['paid'],
		paid: ['training', 'refunded'],
		training: ['generating', 'failed', 'refunded'],
		generating: ['ready', 'failed', 'refunded'],
		ready: ['generating', 'refunded'],
		// Try again with the same photos, change the photos, or generate again with the lora that exists.
		failed: ['training', 'paid', 'generating', 'refunded'],
		refunded: [],
	},
	// The same way without a training: nothing is learned.
	instant: {
		draft: ['paid'],
		paid: ['generating', 'refunded'],
		training: [],
		generating: ['ready', 'failed', 'refunded'],
		ready: ['generating', 'refunded'],
		failed: ['paid', 'generating', 'refunded'],
		refunded: [],
	},
} as const satisfies Record<Engine, Record<ShootStatus, readonly ShootStatus[]>>;

export function mayMove(engine: Engine, from: ShootStatus, to: ShootStatus): boolean {
	return (shootMoves[engine][from] as readonly ShootStatus[]).includes(to);
}
