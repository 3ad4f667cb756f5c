/** Promotion codes that a person may type on the hosted page. */
import type { Stripe } from 'stripe';
import type { Account, CheckoutSession } from './account.ts';

type Promotion = { id: string; code: string; percentOff: number };

export const promotions: readonly Promotion[] = [
	{ id: 'promo_1SandboxHalo20', code: 'HALO20', percentOff: 20 },
	{ id: 'promo_1SandboxFree100', code: 'FREE100', percentOff: 100 },
];

export const promotionById = (id: string): Promotion | undefined =>
	promotions.find((promotion) => promotion.id === id);

/** Takes the code's percentage off the open session, or off no longer when the code is empty. False: no such code. */
export const applyPromotion = (
	account: Account,
	checkout: CheckoutSession,
	code: string,
): boolean => {
	const { session, items } = checkout;
	const wanted = code.trim().toUpperCase();
	const promotion = promotions.find((one) => one.code === wanted);
	if (wanted !== '' && (promotion === undefined || session.allow_promotion_codes !== true))
		return false;
	for (const item of items) {
		item.amount_discount = Math.round((item.amount_subtotal * (promotion?.percentOff ?? 0)) / 100);
		item.amount_total = item.amount_subtotal - item.amount_discount;
	}
	const discount = items.reduce((sum, item) => sum + item.amount_discount, 0);
	session.amount_total = (session.amount_subtotal ?? 0) - discount;
	session.total_details = { amount_discount: discount, amount_shipping: 0, amount_tax: 0 };
	session.discounts =
		promotion === undefined ? [] : [{ coupon: null, promotion_code: promotion.id }];
	session.payment_status = session.amount_total === 0 ? 'no_payment_required' : 'unpaid';
	account.save();
	return true;
};

export const promotionCodeOf = (
	account: Account,
	{ id, code, percentOff }: Promotion,
): Stripe.PromotionCode => ({
	id,
	object: 'promotion_code',
	active: true,
	code,
	created: 1_795_000_000,
	customer: null,
	customer_account: null,
	expires_at: null,
	livemode: false,
	max_redemptions: null,
	metadata: {},
	promotion: { coupon: `${code.toLowerCase()}-${percentOff}`, type: 'coupon' },
	restrictions: {
		first_time_transaction: false,
		minimum_amount: null,
		minimum_amount_currency: null,
	},
	times_redeemed: [...account.sessions.values()].filter(
		({ session }) =>
			session.status === 'complete' && session.discounts?.some((one) => one.promotion_code === id),
	).length,
});
