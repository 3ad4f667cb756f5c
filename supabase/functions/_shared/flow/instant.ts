/** Instant: one portrait from the photos themselves, asked for and answered in one call. */
import type { Deps } from './deps.ts';

/** The generator is not wired yet: the credit goes back. */
export async function makePortrait(deps: Deps, generationId: string): Promise<void> {
	await deps.store.failGeneration(generationId, 'unavailable', false);
}
