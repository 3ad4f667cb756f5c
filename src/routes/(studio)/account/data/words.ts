/** Bytes as people read them. */
export function inMegabytes(bytes: number): string {
	return bytes < 100_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** `public.credit_entries` → `Credit entries`. */
export function tableInWords(name: string): string {
	const words = name.slice(name.indexOf('.') + 1).replaceAll('_', ' ');
	return words.charAt(0).toUpperCase() + words.slice(1);
}

const isTime = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;
const moment = new Intl.DateTimeFormat('en', {
	dateStyle: 'medium',
	timeStyle: 'short',
	timeZone: 'UTC',
});

/** A value of a row as it is read; null for what is empty. */
export function valueInWords(value: unknown): string | null {
	if (value === null || value === undefined || value === '') return null;
	if (typeof value === 'boolean') return value ? 'yes' : 'no';
	if (typeof value === 'string')
		return isTime.test(value) ? `${moment.format(new Date(value))} UTC` : value;
	return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
