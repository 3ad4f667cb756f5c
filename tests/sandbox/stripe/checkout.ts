/** What a person does on the hosted checkout page; each form works without a script and counts once. */
import { Hono, type Context } from 'hono';
import { z } from 'zod';
import type { Account, CheckoutSession } from './account.ts';
import { byPerson } from './account.ts';
import { cardTrouble } from './card.ts';
import { checkoutPage, knownEmail, missing, successUrl } from './checkout-page.ts';
import { pay } from './payments.ts';
import { applyPromotion } from './promotions.ts';
import { expireSession, sessionOf } from './sessions.ts';

const formSchema = z.object({
	act: z.enum(['pay', 'debit', 'decline', 'expire', 'code', 'no_code']).catch('pay'),
	email: z.string().trim().default(''),
	name: z.string().trim().default(''),
	card: z.string().default(''),
	expiry: z.string().default(''),
	cvc: z.string().default(''),
	promotion_code: z.string().default(''),
});
export type Form = z.output<typeof formSchema>;

const newcomer: Form = {
	act: 'pay',
	email: '',
	name: 'Alex Example',
	card: '4242 4242 4242 4242',
	expiry: '12 / 34',
	cvc: '123',
	promotion_code: '',
};

export const checkoutPages = (account: Account): Hono => {
	const pages = new Hono();
	const open = (context: Context) => {
		const id = context.req.param('id') ?? '';
		return account.sessions.has(id) ? sessionOf(account, id) : undefined;
	};

	pages.get('/c/pay/:id', (context) => {
		const checkout = open(context);
		if (checkout === undefined) return context.html(missing, 404);
		return context.html(checkoutPage(account, checkout, newcomer));
	});

	pages.post('/c/pay/:id', async (context) => {
		const form = formSchema.parse(await context.req.parseBody());
		const checkout = open(context);
		if (checkout === undefined) return context.html(missing, 404);
		if (checkout.session.status === 'open') {
			const trouble = act(account, checkout, form);
			if (trouble !== undefined)
				return context.html(checkoutPage(account, checkout, form, trouble), 422);
		}
		return checkout.session.status === 'complete'
			? context.redirect(successUrl(checkout), 303)
			: context.redirect(context.req.path, 303);
	});
	return pages;
};

/** Does what the button says; answers with a sentence when the person has to try again. */
const act = (account: Account, checkout: CheckoutSession, form: Form): string | undefined => {
	const { session } = checkout;
	if (form.act === 'expire') {
		expireSession(account, session.id, byPerson);
		return undefined;
	}
	if (form.act === 'code' || form.act === 'no_code') {
		const code = form.act === 'code' ? form.promotion_code : '';
		return applyPromotion(account, checkout, code) ? undefined : 'This code is invalid.';
	}
	const email = knownEmail(account, checkout) ?? form.email;
	if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email)) return 'Your email is incomplete.';
	const card = form.act === 'decline' ? '4000 0000 0000 0002' : form.card;
	const isCard = form.act !== 'debit' && session.amount_total !== 0;
	const trouble = isCard ? cardTrouble({ ...form, card }, account.now()) : undefined;
	if (trouble !== undefined) return trouble;
	pay(
		account,
		session.id,
		{ email, name: form.name || 'Alex Example' },
		form.act === 'debit' ? 'us_bank_account' : 'card',
	);
	return undefined;
};
