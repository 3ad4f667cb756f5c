/** Who paid and is nobody here any more, since a restore has lost the account: nothing of them stays at Stripe either. */
import type { PaidCheckout } from '../domain/order.ts';
import { redactionWait } from '../domain/privacy/erasure.ts';
import type { Deps } from './deps.ts';

/** May be done twice, and before the money has gone back: a refund needs no customer. */
export async function forgetPayer(
	{ store, payments, clock }: Pick<Deps, 'store' | 'payments' | 'clock'>,
	{ customerId, email }: Pick<PaidCheckout, 'customerId' | 'email'>,
): Promise<void> {
	if (customerId === null) return;
	const redactableAt = payments.redacts
		? new Date(clock.now().getTime() + redactionWait * 86_400_000)
		: null;
	if (await store.forgetPayer(customerId, email, redactableAt))
		await payments.deleteCustomer(customerId);
}
