/** fal, Gemini, Stripe, Google and the mailbox: each on its own port, speaking and signing as the vendor does. */
import { join } from 'node:path';
import { startFal } from './fal/index.ts';
import { startGemini } from './gemini/index.ts';
import { startGoogle } from './google/index.ts';
import type { Keys } from './keys.ts';
import type { Loopback } from './loopback.ts';
import { startMail } from './mail/index.ts';
import { startR2 } from './r2/index.ts';
import { startStripe } from './stripe/index.ts';
import type { Urls } from './urls.ts';

export type StandIn = Loopback & { name: string };

/** What a stand-in remembers over a restart lies under these names in the data folder. */
export const memories = ['fal', 'r2', 'stripe.json'];

/** What a signature at R2 is made with. */
export const r2Credentials = ({ r2KeyId, r2Secret }: Pick<Keys, 'r2KeyId' | 'r2Secret'>) => ({
	accessKeyId: r2KeyId,
	secretAccessKey: r2Secret,
});

export async function startStandIns(options: {
	urls: Urls;
	keys: Keys;
	dataDir: string;
	smtpPort: number;
}): Promise<StandIn[]> {
	const { urls, keys, dataDir, smtpPort } = options;
	const portOf = (url: string) => Number(new URL(url).port);
	return Promise.all([
		startFal({
			port: portOf(urls.fal),
			dataDir: join(dataDir, 'fal'),
			userId: keys.falUserId,
			key: keys.fal,
			adminKey: keys.falAdmin,
		}).then((fal) => ({ name: 'fal', ...fal })),
		startGemini({ port: portOf(urls.gemini), key: keys.gemini }).then((gemini) => ({
			name: 'Gemini',
			...gemini,
		})),
		startStripe({
			port: portOf(urls.stripe),
			secretKey: keys.stripe,
			webhookSecret: keys.stripeWebhook,
			webhookUrl: `${urls.functions}/stripe-webhook`,
			file: join(dataDir, 'stripe.json'),
		}).then((stripe) => ({ name: 'Stripe', ...stripe })),
		startR2({
			port: portOf(urls.r2),
			dataDir: join(dataDir, 'r2'),
			credentials: r2Credentials(keys),
		}).then((r2) => ({ name: 'R2', ...r2 })),
		startGoogle({
			port: portOf(urls.google),
			clientId: keys.googleClientId,
			clientSecret: keys.googleSecret,
			redirectUris: [`${urls.supabase}/auth/v1/callback`],
		}).then((google) => ({ name: 'Google sign-in', ...google })),
		startMail({ httpPort: portOf(urls.mail), smtpPort, apiKey: keys.mail }).then((mail) => ({
			name: 'Mailbox',
			...mail,
		})),
	]);
}
