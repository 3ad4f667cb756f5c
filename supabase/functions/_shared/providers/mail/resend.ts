import { z } from 'zod';
import type { Mailer } from '../../domain/ports.ts';
import { writeLetter } from './letters.ts';
import { asHtml, asText, type Sender } from './paper.ts';

export type ResendConfig = {
	apiUrl: string;
	apiKey: string;
	/** `hello@…`, of a verified domain. */
	from: string;
	sender: Sender;
	siteUrl: string;
};

const accepted = z.object({ id: z.string() });
const refusal = z.object({ name: z.string() });

/** Throws on every answer that is not a promise to send; the key makes another try harmless for 24 h. */
export function resendMailer(config: ResendConfig): Mailer {
	return {
		async send({ to, name, template, data, idempotencyKey, attachment }) {
			const letter = writeLetter(template, data, config.siteUrl);
			const response = await fetch(`${config.apiUrl}/emails`, {
				method: 'POST',
				headers: {
					authorization: `Bearer ${config.apiKey}`,
					'content-type': 'application/json',
					'idempotency-key': idempotencyKey,
				},
				body: JSON.stringify({
					from: `${config.sender.name} <${config.from}>`,
					to: [to],
					subject: letter.subject,
					text: asText(letter, name, config.sender),
					html: asHtml(letter, name, config.sender),
					...(attachment === undefined
						? {}
						: { attachments: [{ filename: attachment.name, content: btoa(attachment.text) }] }),
				}),
				signal: AbortSignal.timeout(15_000),
			});
			const answer: unknown = await response.json().catch(() => null);
			if (response.ok && accepted.safeParse(answer).success) return;
			// Its message may quote the address; its name does not.
			const { data: refused } = refusal.safeParse(answer);
			throw new Error(`mail service: HTTP ${response.status} ${refused?.name ?? ''}`.trimEnd());
		},
	};
}
