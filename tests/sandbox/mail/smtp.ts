/** An SMTP server that takes every mail into the mailbox: what Auth sends. */
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import type { Mailbox } from './mailbox.ts';
import { takeTime, type Scenario } from './scenario.ts';

class SmtpRefusal extends Error {
	readonly responseCode: 451 | 550;
	constructor(responseCode: SmtpRefusal['responseCode'], message: string) {
		super(message);
		this.responseCode = responseCode;
	}
}

export const startSmtp = async (options: {
	port: number;
	mailbox: Mailbox;
	scenario(): Scenario;
	stopped: AbortSignal;
}): Promise<{ stop(): Promise<void> }> => {
	const server = new SMTPServer({
		// Loopback only: no TLS, and any name and password.
		disabledCommands: ['STARTTLS'],
		authOptional: true,
		allowInsecureAuth: true,
		disableReverseLookup: true,
		size: 25 * 1024 * 1024,
		logger: false,
		onAuth: ({ username }, _session, done) => done(null, { user: username ?? '' }),
		onRcptTo: (_address, _session, done) => {
			const { refuse, tooMany } = options.scenario();
			if (refuse) return done(new SmtpRefusal(550, 'Mailbox unavailable'));
			return done(tooMany ? new SmtpRefusal(451, 'Too many mails, try again later') : null);
		},
		onData: (stream, session, done) => {
			const parts: Buffer[] = [];
			stream.on('data', (part: Buffer) => parts.push(part));
			stream.on('end', () => {
				takeTime(options.scenario(), options.stopped)
					.then(() => PostalMime.parse(Buffer.concat(parts)))
					.then((mail) => {
						options.mailbox.take(
							{
								from: mail.from?.address ?? '',
								to: session.envelope.rcptTo.map(({ address }) => address),
								subject: mail.subject ?? '',
								html: mail.html ?? null,
								text: mail.text ?? null,
								headers: Object.fromEntries(mail.headers.map(({ key, value }) => [key, value])),
							},
							'smtp',
						);
						done();
					})
					.catch((error: unknown) =>
						done(error instanceof Error ? error : new Error(String(error))),
					);
			});
		},
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(options.port, '127.0.0.1', () => resolve());
	});
	// A client that goes away in the middle of a mail is no reason to end the sandbox.
	server.on('error', () => undefined);
	return { stop: () => new Promise((resolve) => server.close(() => resolve())) };
};
