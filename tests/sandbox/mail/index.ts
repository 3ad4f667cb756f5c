/** A mail service with Resend's API, an SMTP receiver, and the one mailbox that both fill. */
import { Hono } from 'hono';
import { z } from 'zod';
import { controlAnswer, controlBody, serveOnLoopback, type Loopback } from '../loopback.ts';
import { Mailbox } from './mailbox.ts';
import {
	asOwnDocument,
	listPage,
	mailPage,
	mailPolicy,
	missingPage,
	scenariosPage,
} from './pages.ts';
import { ResendApi } from './resend.ts';
import { scenarioSchema } from './scenario.ts';
import { startSmtp } from './smtp.ts';

export type MailOptions = { httpPort: number; smtpPort: number; apiKey: string };

export const startMail = async (options: MailOptions): Promise<Loopback> => {
	const mailbox = new Mailbox();
	let scenario = scenarioSchema.parse({});
	const stopping = new AbortController();
	const shared = { mailbox, scenario: () => scenario, stopped: stopping.signal };
	const api = new ResendApi({ apiKey: options.apiKey, ...shared });

	const app = new Hono();
	app.route('/', api.routes());
	app.get('/', (context) => context.html(listPage(mailbox.list())));
	app.get('/scenarios', (context) => context.html(scenariosPage(scenario)));
	app.get('/mails/:id', (context) => {
		const mail = mailbox.find(context.req.param('id'));
		return mail === undefined ? context.html(missingPage, 404) : context.html(mailPage(mail));
	});
	app.get('/mails/:id/html', (context) => {
		const mail = mailbox.find(context.req.param('id'));
		if (mail === undefined) return context.html(missingPage, 404);
		context.header('content-security-policy', mailPolicy);
		return context.html(asOwnDocument(mail));
	});

	app.get('/__control/mails', (context) => context.json(mailbox.list(context.req.query('to'))));
	app.delete('/__control/mails', (context) => {
		mailbox.empty();
		return context.json({ ok: true });
	});
	app.post('/__control/scenario', async (context) => {
		const asked = scenarioSchema.safeParse(await controlBody(context));
		if (!asked.success) return context.json({ error: z.prettifyError(asked.error) }, 422);
		scenario = asked.data;
		return controlAnswer(context, scenario);
	});
	app.post('/__control/reset', (context) => {
		scenario = scenarioSchema.parse({});
		mailbox.empty();
		api.reset();
		return controlAnswer(context, { ok: true });
	});
	app.get('/__control/log', (context) =>
		context.json({ scenario, requests: api.seen, mails: mailbox.list() }),
	);

	const smtp = await startSmtp({ port: options.smtpPort, ...shared });
	const http = await serveOnLoopback('Mail', options.httpPort, () => app.fetch).catch(
		async (error: unknown) => {
			await smtp.stop();
			throw error;
		},
	);
	return {
		url: http.url,
		stop: async () => {
			stopping.abort();
			await Promise.all([http.stop(), smtp.stop()]);
		},
	};
};
