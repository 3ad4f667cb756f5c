import type { Store } from '../domain/store.ts';
import { accounts } from './accounts.ts';
import { type Call, caller, type StoreConfig } from './call.ts';
import { erasures } from './erasures.ts';
import { jobs } from './jobs.ts';
import { orders } from './orders.ts';
import { photos } from './photos.ts';
import { reconciliation } from './reconciliation.ts';
import { refunds } from './refunds.ts';
import { requests } from './requests.ts';
import { subscriptions } from './subscriptions.ts';

export type { StoreConfig };

/** The database over Supabase's Data API, as the service role. */
export { ownRowsOf } from './own-rows.ts';

export function supabaseStore(config: StoreConfig): Store {
	return storeOver(caller(config));
}

/** The same over any way to call the functions of the schema `service`. */
export function storeOver(call: Call): Store {
	return {
		...accounts(call),
		...erasures(call),
		...orders(call),
		...refunds(call),
		...subscriptions(call),
		...photos(call),
		...requests(call),
		...jobs(call),
		...reconciliation(call),
	};
}
