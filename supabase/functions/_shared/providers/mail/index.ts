import type { Mailer } from '../../domain/ports.ts';

export type ResendConfig = { apiUrl: string; apiKey: string; from: string; siteUrl: string };

export function resendMailer(_config: ResendConfig): Mailer {
	throw new Error('not built yet');
}
