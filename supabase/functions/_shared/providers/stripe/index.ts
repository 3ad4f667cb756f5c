import type { Payments } from '../../domain/ports.ts';

export type StripeConfig = { secretKey: string; host: string };

export function stripePayments(_config: StripeConfig): Payments {
	throw new Error('not built yet');
}
export { verifyStripeWebhook } from './webhook.ts';
export type { StripeEvent, StripeVerdict } from './webhook.ts';
