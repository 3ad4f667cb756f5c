/** The mailbox as a person reads it. */
import { html } from 'hono/html';
import { page, scenarioSwitches, type Html } from '../console.ts';
import type { Mail } from './mailbox.ts';
import { meanings, type Scenario } from './scenario.ts';

const timeOf = (mail: Mail): string => new Date(mail.receivedAt).toLocaleTimeString('en-GB');

export const listPage = (mails: readonly Mail[]): Html =>
	page(
		'Mailbox (sandbox)',
		html`<h1>Mailbox</h1>
			<p class="faint">
				All mail of the sandbox, to whomever, newest first.
				<a href="/scenarios">Scenarios</a>
			</p>
			${
				mails.length === 0
					? html`<p>No mail yet.</p>`
					: html`<div class="scroll">
							<table>
								<tr>
									<th>At</th>
									<th>To</th>
									<th>Subject</th>
									<th>Code</th>
								</tr>
								${mails.map(
									(mail) =>
										html`<tr>
											<td class="figures">${timeOf(mail)}</td>
											<td>${mail.to.join(', ')}</td>
											<td><a href="/mails/${mail.id}">${mail.subject}</a></td>
											<td><code>${mail.code}</code></td>
										</tr>`,
								)}
							</table>
						</div>`
			}`,
		{ isLive: true },
	);

export const mailPage = (mail: Mail): Html =>
	page(
		mail.subject,
		html`<p><a href="/">← All mail</a></p>
			<h1>${mail.subject}</h1>
			<p class="faint">
				To ${mail.to.join(', ')}, from ${mail.from}, at ${timeOf(mail)}, over
				${mail.via === 'api' ? 'the mail service' : 'SMTP'}
			</p>
			${mail.code === null ? '' : html`<p class="code" data-testid="code">${mail.code}</p>`}
			${
				mail.links.length === 0
					? ''
					: html`<h2>Links</h2>
							<ul>
								${mail.links.map((link) => html`<li><a href="${link}">${link}</a></li>`)}
							</ul>`
			}
			${
				mail.html === null
					? ''
					: html`<h2>As sent</h2>
							<iframe
								title="The mail as HTML"
								sandbox="allow-popups allow-popups-to-escape-sandbox"
								src="/mails/${mail.id}/html"
							></iframe>`
			}
			${
				mail.text === null
					? ''
					: html`<h2>As plain text</h2>
							<pre>${mail.text}</pre>`
			}`,
	);

export const missingPage = page(
	'No such mail',
	html`<h1>There is no such mail</h1>
		<p><a href="/">All mail</a></p>`,
);

export const scenariosPage = (scenario: Scenario): Html =>
	page(
		'Mail scenarios (sandbox)',
		html`<p><a href="/">← All mail</a></p>
			<h1>Mail</h1>
			${scenarioSwitches(
				(['refuse', 'tooMany', 'slow'] as const).map((name) => ({
					name,
					meaning: meanings[name],
					isOn: scenario[name],
				})),
			)}
			<form method="post" action="/__control/reset"><button>Empty the mailbox</button></form>`,
	);

/** Nothing of a mail may run or load anything; its links open in a new tab. */
export const mailPolicy =
	"default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups allow-popups-to-escape-sandbox";

export const asOwnDocument = ({ html: sent }: Mail): string => {
	const text = sent ?? '';
	const base = '<base target="_blank">';
	return /<head[^>]*>/i.test(text) ? text.replace(/<head[^>]*>/i, `$&${base}`) : base + text;
};
