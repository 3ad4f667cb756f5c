import { noteCheckoutEvent, noteRefundEvent } from '../_shared/flow/webhook.ts';
import { kick } from '../_shared/flow/work.ts';
import { refuseWebhook, vendorDoor } from '../_shared/runtime/http.ts';

/** Stripe's doorbell: noted once, answered at once, worked off afterwards. */
export const handler = vendorDoor(async ({ deps, verifyStripe }, request, rawBody) => {
	const verdict = await verifyStripe(request.headers.get('stripe-signature'), rawBody);
	if (verdict.kind !== 'genuine') throw refuseWebhook(verdict.kind);
	const { about, ...event } = verdict.event;
	switch (about.kind) {
		case 'checkout':
			await noteCheckoutEvent(deps, { ...event, ...about });
			break;
		case 'refund':
			await noteRefundEvent(deps, { ...event, ...about });
			break;
		case 'other':
			return { received: true };
	}
	kick(deps);
	return { received: true };
});
