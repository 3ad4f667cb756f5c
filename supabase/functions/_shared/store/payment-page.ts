import { z } from 'zod';
import type { PaymentPage } from '../domain/order.ts';

/** What a row about a page to pay on has, of an order or a plan. */
export const pageColumns = {
	amount: z.number().int(),
	currency: z.string(),
	email: z.string(),
	stripe_customer_id: z.string().nullable(),
	open_session_id: z.string().nullable(),
	superseded_session_id: z.string().nullable(),
	checkout_version: z.number().int(),
	may_use_code: z.boolean(),
};

export const pageOf = (row: z.infer<z.ZodObject<typeof pageColumns>>): PaymentPage => ({
	amount: row.amount,
	currency: row.currency,
	email: row.email,
	customerId: row.stripe_customer_id,
	openSessionId: row.open_session_id,
	supersededSessionId: row.superseded_session_id,
	checkoutVersion: row.checkout_version,
	mayUseCode: row.may_use_code,
});
