/** The account chooser, Google's own error page, and the console. */
import { html } from 'hono/html';
import { page, scenarioSwitches, type Html } from '../console.ts';
import { people } from './people.ts';
import type { Scenario } from './index.ts';

export const chooserPage = (trouble?: string): Html =>
	page(
		'Choose an account',
		html`<p class="faint">Sandbox sign-in, in Google’s place. No account is asked for anything.</p>
			<h1>Choose an account</h1>
			<p>
				to continue to the app, which will be told your name, e-mail address, language and picture.
			</p>
			${trouble === undefined ? '' : html`<p class="alert" role="alert">${trouble}</p>`}
			<div class="columns">
				<section class="sheet" aria-label="Accounts">
					${people.map(
						({ name, email }) =>
							html`<form method="post">
								<input type="hidden" name="name" value="${name}" />
								<p>
									<button name="email" value="${email}">
										${name}<br /><small>${email}</small>
									</button>
								</p>
							</form>`,
					)}
				</section>
				<form method="post" class="sheet" aria-label="Use another account">
					<h2>Use another account</h2>
					<p>
						<label>Email <input type="email" name="email" required autocomplete="email" /></label>
					</p>
					<p>
						<label>Name <input name="name" required autocomplete="name" /></label>
					</p>
					<p><button class="main">Continue</button></p>
				</form>
			</div>
			<form method="post">
				<p><button name="cancel" value="true">Cancel</button></p>
			</form>`,
	);

/** What Google shows instead of going back to an address it does not trust. */
export const refusalPage = (status: number, code: string, words: string): Html =>
	page(
		`Error ${status}: ${code}`,
		html`<p class="faint">Sandbox sign-in, in Google’s place.</p>
			<h1>Access blocked: authorization error</h1>
			<p>${words}</p>
			<p><strong>Error ${status}: ${code}</strong></p>`,
	);

export const consolePage = (scenario: Scenario, log: readonly unknown[]): Html =>
	page(
		'Google sign-in (sandbox)',
		html`<h1>Google sign-in</h1>
			<p class="faint">Sandbox, in Google’s place.</p>
			${scenarioSwitches([
				{
					name: 'accessDenied',
					meaning: 'Whoever signs in is sent back with access_denied.',
					isOn: scenario.accessDenied,
				},
				{
					name: 'emailNotVerified',
					meaning: 'Google has not verified the address.',
					isOn: scenario.emailNotVerified,
				},
			])}
			<h2>What happened</h2>
			<pre>
${log.length === 0 ? 'Nothing yet.' : log.map((entry) => JSON.stringify(entry)).join('\n')}</pre>`,
	);
