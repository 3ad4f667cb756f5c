import { env } from '$lib/server/env.ts';
import offline from '$lib/receipt/offline.js?raw';
import receipt from '$lib/receipt/receipt.js?raw';
import words from '$lib/receipt/words.js?raw';

/** The check as one file to keep: it asks nobody for anything, and works where we are gone. */
export const GET = () =>
	new Response(page(env().SITE_NAME, JSON.stringify(env().RECEIPT_PUBLIC_KEYS)), {
		headers: {
			'content-type': 'text/html; charset=utf-8',
			'content-disposition': 'attachment; filename="erasure-receipt-check.html"',
		},
	});

/** One script after the other, without what binds modules together. */
const asScript = (module: string) => module.replace(/^import .*;$/gm, '').replaceAll('export ', '');

/** A name is the operator's own setting; it is text all the same. */
const page = (
	siteName: string,
	keys: string,
	name = siteName.replaceAll('<', '&lt;'),
) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Check an erasure receipt of ${name}</title>
<style>
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; }
textarea { box-sizing: border-box; width: 100%; min-height: 10rem; font: 0.8rem/1.4 ui-monospace, monospace; }
button { margin: 1rem 0; padding: 0.6rem 1.2rem; font: inherit; }
dt { font-weight: 600; margin-top: 0.6rem; }
dd { margin: 0; overflow-wrap: anywhere; }
</style>
</head>
<body>
<h1>Check an erasure receipt</h1>
<p>Paste the receipt. It is checked here, with the keys of ${name} inside this file; nothing is sent anywhere.</p>
<label for="receipt">Receipt</label>
<textarea id="receipt" spellcheck="false"></textarea>
<button id="check" type="button">Check it</button>
<div id="result" role="status"></div>
<script type="module">
const keys = ${keys.replaceAll('<', '\\u003c')};
${[words, receipt].map(asScript).join('\n')}
${offline}
</script>
</body>
</html>
`;
