/** A "no" in S3's words: a status, a code, and XML. */
export class Refusal extends Error {
	readonly status: number;
	readonly code: string;

	constructor(status: number, code: string, message: string) {
		super(message);
		this.status = status;
		this.code = code;
	}

	get response(): Response {
		return xml(
			`<Error><Code>${this.code}</Code><Message>${escaped(this.message)}</Message></Error>`,
			this.status,
		);
	}
}

export const escaped = (text: string) =>
	text.replace(/[<>&"']/g, (sign) => `&#${sign.codePointAt(0)};`);

export const unescaped = (text: string) =>
	text.replace(/&(?:#(\d+)|(lt|gt|quot|apos|amp));/g, (_, code, name) =>
		code
			? String.fromCodePoint(Number(code))
			: ({ lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }[name as string] ?? ''),
	);

export const xml = (content: string, status = 200): Response =>
	new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${content}`, {
		status,
		headers: { 'content-type': 'application/xml' },
	});
