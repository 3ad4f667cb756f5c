/** An erasure receipt in everybody's words. Plain JavaScript: also part of the file that can be saved to disk. */

/** What the receipt counts by our own names, in everybody's. */
const plain = {
	headshots: 'portraits',
	loras: 'private models',
	datasets: 'archives for the training',
	generations: 'requests for a portrait',
	shoot_styles: 'styles chosen',
	profiles: 'profile',
	stripe_customers: 'customer at Stripe',
	credit_balances: 'credits left',
	credit_entries: 'movements of credits',
	credit_holds: 'credits set aside',
	consent_records: 'consents',
	exports: 'copies made',
	access_log: 'lines about who read your pictures',
	subject_requests: 'requests about your rights',
};

/** @param {string} name as it stands in the receipt: `credit_holds`, `keptUntil` */
export const wordsOf = (name) =>
	plain[/** @type {keyof typeof plain} */ (name)] ??
	name.replaceAll('_', ' ').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** @param {unknown} iso */
export function dayOf(iso) {
	const date = new Date(String(iso));
	return Number.isNaN(date.getTime())
		? 'unknown'
		: new Intl.DateTimeFormat('en', {
				dateStyle: 'long',
				timeStyle: 'short',
				timeZone: 'UTC',
			}).format(date) + ' UTC';
}

/**
 * A count or an answer in words: `{ photos: 15 }` → `photos: 15`.
 * @param {unknown} value
 * @returns {string}
 */
function inWords(value) {
	if (value === null || value === undefined) return 'none';
	if (typeof value !== 'object') return String(value);
	const entries = Object.entries(value).filter(([, one]) => one !== undefined);
	if (entries.length === 0) return 'none';
	return entries
		.map(([name, one]) =>
			typeof one === 'object' && one !== null && Object.keys(one).length > 0
				? `${wordsOf(name)} (${name === 'returned' ? moneyOf(one) : inWords(one)})`
				: `${wordsOf(name)}: ${/At$|Until$/.test(name) ? dayOf(one) : inWords(one)}`,
		)
		.join(', ');
}

/**
 * `{ usd: 2900 }` → `$29.00`.
 * @param {object} sums by currency, in cents
 */
const moneyOf = (sums) =>
	Object.entries(sums)
		.map(([currency, cents]) =>
			new Intl.NumberFormat('en', { style: 'currency', currency }).format(Number(cents) / 100),
		)
		.join(', ');

/**
 * What the service answered; what was deleted of the rows stands above already.
 * @param {Record<string, any>} evidence
 */
export function answerOf({ step, answer }) {
	return inWords(step === 'rows' ? { ...answer, deleted: undefined } : answer);
}
