/** Mail: few, each sent once. */
import type { Deps } from './deps.ts';

export async function sendMail(
	deps: Pick<Deps, 'store' | 'mailer'>,
	mailId: string,
): Promise<void> {
	const mail = await deps.store.mailToSend(mailId);
	if (mail.isSent) return;
	await deps.mailer.send({
		to: mail.email,
		name: mail.name,
		template: mail.template,
		data: mail.data,
		idempotencyKey: mail.key,
	});
	await deps.store.recordMailSent(mailId);
}
