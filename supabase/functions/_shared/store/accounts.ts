/** Which system this is, who asks, and what is held about them. */
import { z } from 'zod';
import { heldRows } from '../domain/privacy/held-data.ts';
import type { Store } from '../domain/store.ts';
import { type Call, nothing } from './call.ts';

type Accounts = Pick<
	Store,
	| 'applyProfile'
	| 'isSessionFresh'
	| 'customersToUpdate'
	| 'recordCustomerUpdated'
	| 'readData'
	| 'startExport'
	| 'takeExport'
>;

const customers = z.array(
	z
		.object({ stripe_customer_id: z.string(), email: z.string(), name: z.string().nullable() })
		.transform(({ stripe_customer_id: customerId, email, name }) => ({ customerId, email, name })),
);

export function accounts(call: Call): Accounts {
	return {
		applyProfile: (profile, processors, offers) =>
			call(
				'apply_profile',
				{ p_profile: profile, p_processors: processors, p_offers: offers },
				nothing,
			),
		isSessionFresh: (ownerId, sessionId) =>
			call('is_session_fresh', { p_owner_id: ownerId, p_session_id: sessionId }, z.boolean()),
		recordCustomerUpdated: (ownerId) =>
			call('record_customer_updated', { p_owner_id: ownerId }, nothing),
		customersToUpdate: (ownerId) => call('customers_to_update', { p_owner_id: ownerId }, customers),
		readData: (ownerId) => call('read_data', { p_owner_id: ownerId }, heldRows),
		startExport: (ownerId) => call('start_export', { p_owner_id: ownerId }, z.uuid()),
		takeExport: (ownerId, exportId) =>
			call('take_export', { p_owner_id: ownerId, p_export_id: exportId }, nothing),
	};
}
