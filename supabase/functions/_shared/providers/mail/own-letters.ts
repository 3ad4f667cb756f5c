import { z } from 'zod';

/** What we say when a check of our own finds that a file is gone. */
export const lossLetters = {
	portrait: {
		subject: 'We lost one of your portraits, and its credit is back',
		paragraphs: [
			'A check of our own found that the file of one of your portraits is gone. That is our fault, and we are sorry.',
			'Its credit is back in your account: you can have another one made.',
		],
	},
	photo: {
		subject: 'We lost a photo of yours',
		paragraphs: [
			'A check of our own found that the file of one of your photos is gone. That is our fault, and we are sorry.',
			'We have taken it out of your shoot. If you have not started yet, add another one in its place.',
		],
	},
	model: {
		subject: 'We lost your private model',
		paragraphs: [
			'A check of our own found that the file of your private model is gone. That is our fault, and we are sorry.',
			'Your portraits are all there. For more, a new model is needed: write to us, and it costs you nothing.',
		],
	},
};

const alarms = z.object({ count: z.number().int().positive(), lines: z.string() });

/** To the operator: what somebody has to look at. Ids only. */
export function alarmLetter(data: unknown, siteUrl: string) {
	const { count, lines } = alarms.parse(data);
	return {
		subject: count === 1 ? 'An alarm' : `${count} alarms`,
		paragraphs: [
			'Somebody has to look at this. docs/operations.md says what each kind means and what to do.',
			...lines.split('\n'),
			'Each is told once a day until it is mended.',
		],
		link: { label: 'See whether people are served', url: `${siteUrl}/api/health` },
	};
}
