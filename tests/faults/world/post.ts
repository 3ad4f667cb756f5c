/** The mail service: keeps what it accepted, once for each idempotency key. */
import type { Mailer } from '#domain/ports.ts';
import type { Weather } from './weather.ts';

export type Post = Mailer & { sent: { key: string; to: string; template: string; at: number }[] };

export function postOf(weather: Weather): Post {
	const sent: Post['sent'] = [];
	return {
		sent,
		async send({ to, template, idempotencyKey }) {
			if (weather.strikes('mail')) throw new Error('the mail service answered 500');
			if (sent.some(({ key }) => key === idempotencyKey)) return;
			sent.push({ key: idempotencyKey, to, template, at: weather.now() });
		},
	};
}
