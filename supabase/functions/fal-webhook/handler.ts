import { z } from 'zod';
import { noteProviderEvent } from '../_shared/flow/webhook.ts';
import { kick } from '../_shared/flow/work.ts';
import { vendorDoor } from '../_shared/runtime/http.ts';
import { refuseWebhook } from '../_shared/runtime/refuse-webhook.ts';

/** The address that we gave fal with the request names the row that it is about. */
const address = z.union([
	z.strictObject({ generation: z.uuid() }),
	z.strictObject({ training: z.uuid() }),
]);

/** fal's doorbell: noted once, answered at once, worked off afterwards. */
export const handler = vendorDoor(async ({ deps, verifyFal }, request, rawBody) => {
	const verdict = await verifyFal(request.headers, rawBody);
	if (verdict.kind !== 'genuine') throw refuseWebhook(verdict.kind);
	const about = address.safeParse(Object.fromEntries(new URL(request.url).searchParams));
	if (!about.success) throw refuseWebhook('malformed');
	await noteProviderEvent(deps, verdict.requestId, about.data);
	kick(deps);
	return { received: true };
});
