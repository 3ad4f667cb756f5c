/**
 * JSON as Python's `json.dumps` writes it: a space after `,` and `:`, ASCII only, integers of any size.
 * Webhooks are signed over these very bytes.
 */
export function pythonJson(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
	if (typeof value === 'bigint') return String(value);
	if (typeof value === 'string') return ascii(value);
	if (typeof value !== 'object' || value === null) return JSON.stringify(value);
	const fields = Object.entries(value).filter(([, field]) => field !== undefined);
	return `{${fields.map(([name, field]) => `${ascii(name)}: ${pythonJson(field)}`).join(', ')}}`;
}

const ascii = (text: string) =>
	JSON.stringify(text).replace(
		/[\u007f-\uffff]/g,
		(unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
