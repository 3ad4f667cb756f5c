/** The same letter as plain text and as HTML that needs no stylesheet, no picture and no colour. */
import type { Letter } from './letter.ts';

const greeting = (name: string | null) => (name ? `Hello ${name},` : 'Hello,');
/** Who writes, and whom to write to. */
export type Sender = { name: string; contact: string };

export function asText({ paragraphs, link }: Letter, name: string | null, sender: Sender): string {
	const closing = `${sender.name}\n${sender.contact}`;
	const parts = [greeting(name), ...paragraphs, `${link.label}: ${link.url}`, closing];
	return `${parts.join('\n\n')}\n`;
}

export function asHtml(
	{ subject, paragraphs, link }: Letter,
	name: string | null,
	sender: Sender,
): string {
	const paragraph = (text: string) => `<p>${escaped(text)}</p>`;
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escaped(subject)}</title>
</head>
<body style="margin:0;padding:32px 16px;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:480px;margin:0 auto">
${[greeting(name), ...paragraphs].map(paragraph).join('\n')}
<p><a href="${escaped(link.url)}" style="display:inline-block;padding:12px 20px;border:1px solid;border-radius:4px;color:inherit">${escaped(link.label)}</a></p>
<p>${escaped(sender.name)}<br>${escaped(sender.contact)}</p>
</div>
</body>
</html>
`;
}

const entities: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

const escaped = (text: string) => text.replace(/[&<>"']/g, (char) => entities[char] ?? char);
