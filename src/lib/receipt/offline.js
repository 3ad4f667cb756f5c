/* global checkReceipt, keys */
// The page that works from disk: put together by receipt/offline.html/+server.ts behind receipt.js.
const field = /** @type {HTMLTextAreaElement} */ (document.getElementById('receipt'));
const result = /** @type {HTMLElement} */ (document.getElementById('result'));

/** @param {string} tag @param {string} text */
const element = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });

document.getElementById('check')?.addEventListener('click', async () => {
	// @ts-expect-error Both stand before this in the page.
	const verdict = await checkReceipt(field.value, keys);
	result.replaceChildren();
	if (!verdict.ok) {
		result.append(element('h2', 'Not good'), element('p', verdict.why));
		return;
	}
	result.append(element('h2', 'The signature holds'));
	for (const part of verdict.parts) {
		const list = document.createElement('dl');
		for (const { what, says } of part.lines) list.append(element('dt', what), element('dd', says));
		result.append(element('h3', part.title), element('p', part.meaning), list);
	}
});
