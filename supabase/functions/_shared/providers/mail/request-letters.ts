/** What we write to somebody who uses a right, with an account or without. */
import { z } from 'zod';
import type { MailTemplate } from '../../domain/mail.ts';
import type { Letter } from './letter.ts';

type RequestTemplate = Extract<
	MailTemplate,
	'takedown_confirm' | 'request_received' | 'request_closed'
>;

const words = {
	access: 'to see what we hold about you',
	rectification: 'to have something corrected',
	erasure: 'to have your account erased',
	portability: 'to have a copy of your data',
	restriction: 'to have your data stored and not used',
	objection: 'to have your data stored and not used',
	takedown: 'to have pictures of you taken down',
	opt_out: 'not to have your data sold',
} as const;

const kind = z.enum(Object.keys(words) as [keyof typeof words]);
const confirm = z.object({ token: z.uuid() });
const received = z.object({ kind, due_at: z.iso.datetime({ offset: true }) });
const closed = z.object({ kind, outcome: z.enum(['done', 'nothing_held', 'refused']) });
const outcomes = {
	done: 'It is done.',
	nothing_held: 'We looked, and hold nothing under this address.',
	refused:
		'We could not do it. You can answer this mail, and complain to the data protection authority where you live.',
} as const;
const day = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' });

/** Throws when the data is not what the template says of it. */
export function writeRequestLetter(
	template: RequestTemplate,
	data: Record<string, string | number>,
	siteUrl: string,
): Letter {
	const rights = { label: 'Your rights, in words', url: `${siteUrl}/privacy#rights` };
	switch (template) {
		case 'takedown_confirm':
			return {
				subject: 'Please confirm: a picture of you is to be taken down',
				paragraphs: [
					'Somebody, we hope you, asked us to take down pictures made with your face, and gave this address.',
					'Follow the link within a day and we begin. If it was not you, do nothing: then nothing happens, and the address is forgotten.',
				],
				link: {
					label: 'Yes, it was me',
					url: `${siteUrl}/takedown/confirm?token=${confirm.parse(data).token}`,
				},
			};
		case 'request_received': {
			const request = received.parse(data);
			return {
				subject: 'We have your request',
				paragraphs: [
					`You asked us ${words[request.kind]}. It is being looked after, and you hear from us by ${day.format(new Date(request.due_at))} at the latest.`,
					'With an account you can see, take, correct, restrict and erase everything yourself, at once.',
				],
				link: rights,
			};
		}
		case 'request_closed': {
			const request = closed.parse(data);
			return {
				subject: 'Your request has been answered',
				paragraphs: [`You asked us ${words[request.kind]}. ${outcomes[request.outcome]}`],
				link: rights,
			};
		}
	}
}
