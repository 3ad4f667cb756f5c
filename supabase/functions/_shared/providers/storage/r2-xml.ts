/** The little XML that S3 speaks and we need. */

const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

const unescaped = (text: string) =>
	text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) =>
		hex || decimal
			? String.fromCodePoint(parseInt(hex ?? decimal, hex ? 16 : 10))
			: (entities[name] ?? whole),
	);

const escaped = (text: string) => text.replace(/[<>&"']/g, (sign) => `&#${sign.codePointAt(0)};`);

/** The content of every element of this name, in order; elements of one name are not nested in S3's answers. */
export const elements = (xml: string, name: string): string[] =>
	[...xml.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g'))].map(
		([, inner = '']) => inner,
	);

/** The text of the first element of this name; null when there is none. */
export function textOf(xml: string, name: string): string | null {
	const [first] = elements(xml, name);
	return first === undefined ? null : unescaped(first);
}

export const deleteBody = (keys: readonly string[]): string =>
	`<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${keys
		.map((key) => `<Object><Key>${escaped(key)}</Key></Object>`)
		.join('')}</Delete>`;

export const completeBody = (etags: readonly string[]): string =>
	`<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${etags
		.map(
			(etag, index) =>
				`<Part><PartNumber>${index + 1}</PartNumber><ETag>${escaped(etag)}</ETag></Part>`,
		)
		.join('')}</CompleteMultipartUpload>`;
