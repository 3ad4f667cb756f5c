/** What we write to people, and when. Our own words; no portrait leaves the account by mail. */
import { z } from 'zod';
import { trainingFailure, trainingFailures } from '../../domain/failure.ts';
import { formatMoney } from '../../domain/money.ts';
import type { MailTemplate } from '../../domain/mail.ts';
import type { Letter } from './letter.ts';
import { writeMoneyLetter } from './money-letters.ts';
import { alarmLetter, lossLetters } from './own-letters.ts';
import { writeRequestLetter } from './request-letters.ts';

/** Empty once the shoot is gone. */
const shoot = z.union([z.uuid(), z.literal('')]);
const count = z.number().int().nonnegative();
const money = { amount: count, currency: z.string().length(3) };

const paid = z.object({ shoot_id: shoot, offer_name: z.string(), headshot_count: count, ...money });
const refunded = z.object({ shoot_id: shoot, ...money });
const ready = z.object({ shoot_id: shoot, count });
const photosLeaving = z.object({
	shoot_id: shoot,
	count,
	leave_at: z.iso.datetime({ offset: true }),
});
const modelLeaving = photosLeaving.omit({ count: true }).extend({ extensions_left: count });
const day = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' });
const erased = z.object({ erasure_id: z.uuid() });
const late = z.object({ erasure_id: z.uuid(), days_left: z.number().int(), steps: z.string() });
const lost = z.object({ shoot_id: shoot, what: z.enum(['portrait', 'photo', 'model']) });
const failed = z.object({ shoot_id: shoot, failure: z.string() });

/** Throws when the data is not what the template says of it. */
export function writeLetter(
	template: MailTemplate,
	data: Record<string, string | number>,
	siteUrl: string,
): Letter {
	const to = (label: string, shootId: string, page = '') => ({
		label,
		url: shootId === '' ? `${siteUrl}/shoots` : `${siteUrl}/shoots/${shootId}${page}`,
	});
	switch (template) {
		case 'order_paid': {
			const { shoot_id, offer_name, headshot_count, amount, currency } = paid.parse(data);
			return {
				subject: `Thank you: ${offer_name} is yours`,
				paragraphs: [
					`We have received ${formatMoney(amount, currency)} for the pack ${offer_name}: ${headshot_count} portraits.`,
					'Next come your photos, in good light, with nobody else in the picture; the page says how many. They are prepared on your own device before they are sent.',
					'The invoice is in your account.',
				],
				link: to('Add your photos', shoot_id),
			};
		}
		case 'portraits_ready': {
			const { shoot_id, count: made } = ready.parse(data);
			return {
				subject: 'Your portraits are ready',
				paragraphs: [
					made === 1
						? 'One portrait is waiting in your gallery.'
						: `${made} portraits are waiting in your gallery.`,
					'Look at them in peace, circle your favourites and download the ones you want to keep. Nobody but you can see them.',
				],
				link: to('Open your gallery', shoot_id, '/gallery'),
			};
		}
		case 'training_failed': {
			const { shoot_id, failure } = failed.parse(data);
			const link = to('Go on with your shoot', shoot_id);
			return failure === 'no_portraits'
				? { ...noPortraits, link }
				: { ...noTraining(failure), link };
		}
		case 'erased': {
			const { erasure_id } = erased.parse(data);
			return {
				subject: 'Your account is erased: here is the receipt',
				paragraphs: [
					'Your photos, what was made of them, and your account are gone, with us and with the companies that work for us. The receipt says what was deleted, what has to stay and until when, and carries our signature.',
					'It is attached, and it can be read at the address below. When the last backup is gone too, a final receipt is added there; we cannot write to you again, because this address is deleted with this mail.',
				],
				link: { label: 'Read the receipt', url: `${siteUrl}/erasure/${erasure_id}` },
			};
		}
		case 'file_lost': {
			const { shoot_id, what } = lost.parse(data);
			return { ...lossLetters[what], link: to('Look at your shoot', shoot_id) };
		}
		case 'alarms':
			return alarmLetter(data, siteUrl);
		case 'erasure_late': {
			const { erasure_id, days_left, steps } = late.parse(data);
			return {
				subject: `An erasure is late: ${days_left} days left`,
				paragraphs: [
					`Half of its 30 days are over, and these steps are still open: ${steps}. They are tried again by themselves; the log says what they fail with.`,
				],
				link: { label: 'See how far it is', url: `${siteUrl}/erasure/${erasure_id}` },
			};
		}
		case 'export_made':
			return {
				subject: 'A copy of your data was made',
				paragraphs: [
					'Everything we hold about you was just downloaded from your account, after a fresh sign-in: photos, portraits and all records.',
					'If that was you, there is nothing to do; keep the file where only you can reach it. If it was not, sign out everywhere and write to the address below.',
				],
				link: { label: 'Open your account', url: `${siteUrl}/account` },
			};
		case 'order_refunded': {
			const { amount, currency } = refunded.parse(data);
			return {
				subject: 'Your money is on its way back',
				paragraphs: [
					`We have refunded ${formatMoney(amount, currency)} to the card or account you paid with. Banks take five to ten days to show it.`,
					'The credits of this order that were not used are gone with it.',
				],
				link: { label: 'See your orders', url: `${siteUrl}/account` },
			};
		}
		case 'photos_leaving': {
			const { shoot_id, count: photos, leave_at } = photosLeaving.parse(data);
			const on = day.format(new Date(leave_at));
			return {
				subject: `Your selfies vanish on ${on}`,
				paragraphs: [
					`On ${on} we delete ${photos === 1 ? 'the photo' : `the ${photos} photos`} you uploaded, as promised. Your portraits stay.`,
					'You need not do anything. You can also delete them now, or choose another time.',
				],
				link: to('See what is kept', shoot_id),
			};
		}
		case 'model_leaving': {
			const { shoot_id, leave_at, extensions_left } = modelLeaving.parse(data);
			const on = day.format(new Date(leave_at));
			return {
				subject: `Your private model vanishes on ${on}`,
				paragraphs: [
					`You have not used it for a while, so on ${on} we delete it, as promised. Your portraits stay.`,
					extensions_left > 0
						? 'After that, more portraits need a new training. If you want to make some soon, you can keep the model 7 days more.'
						: 'After that, more portraits need a new training. Making one before then keeps it.',
				],
				link: to('Open your gallery', shoot_id, '/gallery'),
			};
		}
		case 'refund_failed':
		case 'promotion_used':
		case 'plan_paid':
		case 'plan_payment_failed':
		case 'plan_ended':
		case 'dispute_opened':
			return writeMoneyLetter(template, data, siteUrl);
		case 'takedown_confirm':
		case 'request_received':
		case 'request_closed':
			return writeRequestLetter(template, data, siteUrl);
	}
}

const apology = 'We are sorry for the wait.';

function noTraining(failure: string): Omit<Letter, 'link'> {
	const { what, next } = trainingFailures[trainingFailure(failure)];
	return {
		subject: 'Your training did not work out',
		paragraphs: [
			`${what} ${apology}`,
			'Nothing was used up: your training credit is back in your account.',
			next,
		],
	};
}

/** Not one portrait of the round could be delivered. */
const noPortraits: Omit<Letter, 'link'> = {
	subject: 'Your portraits did not work out',
	paragraphs: [
		`No portrait came out of it that we could deliver. ${apology}`,
		'Nothing was used up: the credits are back in your account.',
		'Make portraits again, perhaps in other styles.',
	],
};
