/** Stripe: hosted Checkout by redirect, and the truth about what was paid. */
export { stripePayments } from './payments.ts';
export type { StripeConfig } from './client.ts';
export { verifyStripeWebhook } from './webhook.ts';
export type { StripeVerdict } from './webhook.ts';
