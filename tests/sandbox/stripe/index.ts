/** A stand-in for Stripe on loopback: API, hosted pages, signed events, control plane and console. */
import { Hono } from 'hono';
import { serveOnLoopback, type Loopback } from '../loopback.ts';
import { Account } from './account.ts';
import { accountPages } from './account-pages.ts';
import { Api } from './api.ts';
import { checkoutPages } from './checkout.ts';
import { controlPlane } from './control.ts';
import { portalPages } from './portal.ts';
import { sessionOf } from './sessions.ts';
import { Webhooks } from './webhooks.ts';

export type StripeOptions = {
	port: number;
	secretKey: string;
	webhookSecret: string;
	/** Without one, events are only listed. */
	webhookUrl?: string;
	/** Keeps the account over restarts. */
	file?: string;
};

/** How often open sessions are looked at whether their time is over, in milliseconds. */
const expiryRound = 30_000;

export const startStripe = async (options: StripeOptions): Promise<Loopback> => {
	const webhooks = new Webhooks(options.webhookUrl, options.webhookSecret);
	let expiry: NodeJS.Timeout | undefined;
	const { url, stop } = await serveOnLoopback('Stripe', options.port, (origin) => {
		const account = new Account(origin, options.file, (event) =>
			webhooks.deliver(event, account.scenario),
		);
		const api = new Api(account, options.secretKey);
		expiry = setInterval(() => {
			for (const id of account.sessions.keys()) sessionOf(account, id);
		}, expiryRound).unref();
		const app = new Hono();
		app.use(async (context, next) => {
			await next();
			context.header('cache-control', 'no-store');
		});
		app.use('/v1/*', (context) => api.handle(context.req.raw));
		app.route('/', checkoutPages(account));
		app.route('/', accountPages(account));
		app.route('/', portalPages(account));
		app.route('/', controlPlane(account, api, webhooks));
		return app.fetch;
	});
	return {
		url,
		stop: async () => {
			clearInterval(expiry);
			webhooks.stop();
			await stop();
		},
	};
};
