import { notePaymentEvent } from '../_shared/flow/webhook.ts';
import { kick } from '../_shared/flow/work.ts';
import { vendorDoor } from '../_shared/runtime/http.ts';
import { refuseWebhook } from '../_shared/runtime/refuse-webhook.ts';

/** Stripe's doorbell: noted once, answered at once, worked off afterwards. */
export const handler = vendorDoor(async ({ deps, verifyStripe }, request, rawBody) => {
	const verdict = await verifyStripe(request.headers.get('stripe-signature'), rawBody);
	if (verdict.kind !== 'genuine') throw refuseWebhook(verdict.kind);
	if (await notePaymentEvent(deps, verdict.event)) kick(deps);
	return { received: true };
});
