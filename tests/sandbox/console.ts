/**
 * The plain pages of the stand-ins' consoles: one look, light and dark, no script
 * needed, nothing from outside. Build bodies with `html` of `hono/html`, which escapes.
 */
import { html, raw } from 'hono/html';

export type Html = ReturnType<typeof html>;

const style = `
:root { color-scheme: light dark; --ground: light-dark(oklch(98.5% 0.003 90), oklch(22% 0.005 90)); --sheet: light-dark(#fff, oklch(26% 0.005 90));
  --ink: light-dark(oklch(24% 0.01 90), oklch(93% 0.005 90)); --faint: light-dark(oklch(48% 0.01 90), oklch(72% 0.01 90));
  --line: light-dark(oklch(87% 0.005 90), oklch(38% 0.005 90)); --pencil: light-dark(oklch(50% 0.19 28), oklch(74% 0.15 30)); --on-pencil: light-dark(#fff, oklch(20% 0.02 30)); }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 68rem; margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 3rem) 4rem }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .5rem } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
p { max-width: 65ch; margin: .5rem 0 } a { color: inherit; text-underline-offset: .2em } small, .faint { color: var(--faint); font-size: .875rem }
code, pre, .figures { font-variant-numeric: tabular-nums } code, pre { font-family: ui-monospace, monospace; font-size: .875em; overflow-wrap: anywhere }
pre { background: var(--sheet); border: 1px solid var(--line); padding: .75rem; overflow: auto; white-space: pre-wrap }
.sheet { background: var(--sheet); border: 1px solid var(--line); border-radius: 4px; padding: 1rem 1.25rem; margin: 1rem 0 }
.scroll { overflow-x: auto } table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line) } th { font-weight: 600; color: var(--faint); font-size: .875rem }
form { margin: 0 } td form { display: inline-block; margin: 0 .25rem .25rem 0 }
label { display: block } label.check { display: flex; gap: .6rem; align-items: baseline; min-height: 44px; padding: .6rem 0 }
input:not([type=checkbox], [type=radio]), select { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--faint); border-radius: 4px; padding: .5rem .6rem; min-height: 44px; width: 100% }
button, .button { font: inherit; display: inline-block; min-height: 44px; padding: .5rem 1rem; border: 1px solid var(--faint); border-radius: 4px; background: transparent; color: inherit; cursor: pointer; text-decoration: none }
button.main { background: var(--pencil); border-color: var(--pencil); color: var(--on-pencil); font-weight: 600 }
:focus-visible { outline: 3px solid var(--pencil); outline-offset: 2px }
.row { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center } .alert { border-left: 4px solid var(--pencil); padding: .25rem 0 .25rem .75rem }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 2rem; align-items: start }
.big { font-size: 2rem; font-weight: 600 } .code { font: 600 2rem ui-monospace, monospace; letter-spacing: .12em } iframe { width: 100%; height: 32rem; border: 1px solid var(--line); background: #fff }
`;

/** Looks again every two seconds and shows what is new, unless the person is at a control of the page. */
const lookAgain = `
setInterval(async () => {
	if (document.hidden) return;
	const answer = await fetch(location.href).catch(() => undefined);
	if (!answer || !answer.ok) return;
	const next = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main');
	const now = document.querySelector('main');
	if (now.contains(document.activeElement) || next.innerHTML === now.innerHTML) return;
	now.replaceWith(next);
}, 2000);
`;

/** A whole page. A live one shows by itself what happens meanwhile; without scripts it is reloaded by hand. */
export const page = (title: string, body: Html, options: { isLive?: boolean } = {}): Html =>
	html`<!doctype html>
		<html lang="en">
			<head>
				<meta charset="utf-8" />
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				<link rel="icon" href="data:," />
				<title>${title}</title>
				<style>
					${raw(style)}
				</style>
				${
					options.isLive
						? html`<script>
								${raw(lookAgain)};
							</script>`
						: ''
				}
			</head>
			<body>
				<main>${body}</main>
			</body>
		</html>`;

/** Checkboxes for the scenarios of a stand-in; the form posts what is ticked to `/__control/scenario`. */
export const scenarioSwitches = (
	switches: readonly { name: string; meaning: string; isOn: boolean }[],
): Html =>
	html` <h2>Scenarios</h2>
		<form class="sheet" method="post" action="/__control/scenario">
			${switches.map(
				({ name, meaning, isOn }) =>
					html` <label class="check">
						<input type="checkbox" name="${name}" value="true" ${isOn ? raw('checked') : ''} />
						<span><code>${name}</code> ${meaning}</span>
					</label>`,
			)}
			<button class="main">Apply</button>
		</form>`;
