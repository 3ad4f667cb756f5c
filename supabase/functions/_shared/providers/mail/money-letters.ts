/** What we write about plans, refunds that do not arrive, codes and disputes. */
import { z } from 'zod';
import { formatMoney } from '../../domain/money.ts';
import type { MailTemplate } from '../../domain/mail.ts';
import type { Letter } from './letter.ts';

const count = z.number().int().nonnegative();
const money = z.object({ amount: count, currency: z.string().length(3) });
const planPaid = money.extend({ plan: z.string(), headshot_count: count, until: z.string() });
const planFailed = z.object({ plan: z.string(), next: z.string() });
const planEnded = z.object({ plan: z.string(), left: count });

export type MoneyTemplate = Extract<
	MailTemplate,
	| 'refund_failed'
	| 'promotion_used'
	| 'plan_paid'
	| 'plan_payment_failed'
	| 'plan_ended'
	| 'dispute_opened'
>;

export function writeMoneyLetter(
	template: MoneyTemplate,
	data: Record<string, string | number>,
	siteUrl: string,
): Letter {
	const link = { label: 'Open your account', url: `${siteUrl}/account` };
	switch (template) {
		case 'plan_paid': {
			const { plan, headshot_count, amount, currency, until } = planPaid.parse(data);
			return {
				subject: `${plan}: ${headshot_count} portraits are yours`,
				paragraphs: [
					`We have received ${formatMoney(amount, currency)} for ${plan}, until ${until}: ${headshot_count} portraits.`,
					'The invoice is in your account. There you can also switch or end your plan, at any time.',
				],
				link,
			};
		}
		case 'plan_payment_failed': {
			const { plan, next } = planFailed.parse(data);
			return {
				subject: `The payment for ${plan} did not work`,
				paragraphs: [
					`Your card was declined. ${next === '' ? 'It is not tried again.' : `It is tried again on ${next}.`}`,
					'What you have paid for stays yours. To go on, give another card on the billing page of your account.',
				],
				link,
			};
		}
		case 'plan_ended': {
			const { plan, left } = planEnded.parse(data);
			return {
				subject: `${plan} has ended`,
				paragraphs: [
					'Nothing more is charged.',
					left === 1
						? 'The portrait that you have left stays yours, without an end.'
						: `The ${left} portraits that you have left stay yours, without an end.`,
				],
				link,
			};
		}
		case 'refund_failed': {
			const { amount, currency } = money.parse(data);
			return {
				subject: 'Your bank sent our refund back',
				paragraphs: [
					`We refunded ${formatMoney(amount, currency)}, and your bank did not take it. The credits that it was for are yours again.`,
					'You can use them, or write to us so that we find another way.',
				],
				link,
			};
		}
		case 'promotion_used':
			return {
				subject: 'Your payment goes back',
				paragraphs: [
					'A promotion code works once for a person, and so does a plan. This one had been used before, or you have a plan already, so we did not keep your payment.',
					'Whatever was charged is on its way back; banks take five to ten days.',
				],
				link,
			};
		case 'dispute_opened': {
			const { amount, currency } = money.parse(data);
			return {
				subject: 'Your bank asks about a payment',
				paragraphs: [
					`Your bank asks us about ${formatMoney(amount, currency)}. Until that is settled nothing new begins in your account.`,
					'Your portraits, a copy of your data and the erasure of your account work as always. If you did not mean to ask, tell your bank.',
				],
				link,
			};
		}
	}
}
