/**
 * Checks an erasure receipt and explains it, line by line. Plain JavaScript that imports its words and
 * nothing else: the page uses it as it stands here, and so does the file that can be saved to disk.
 */
import { answerOf, dayOf, wordsOf } from './words.js';

/**
 * @typedef {{ kid: string, kty: string, crv: string, x: string }} PublicKey
 * @typedef {{ what: string, says: string }} Line
 * @typedef {{ title: string, meaning: string, lines: Line[] }} Part
 * @typedef {{ ok: true, parts: Part[], stage: string, id: string } | { ok: false, why: string }} Verdict
 */

const steps = {
	rows: 'Our database: the rows were deleted in one go, and counted again afterwards',
	files: 'The file store: everything in your folders was deleted, and the lists were read again',
	provider:
		'The training and portrait service: asked, request by request, to delete what it was sent and what it made',
	checkout: 'Open payment pages were closed',
	refund: 'What you had paid for and not used',
	stripe: 'The customer at Stripe, with the card',
	tombstone: 'A mark was left, so that nothing can come back',
	sign_in: 'The sign-in: the account was deleted last, and asked for again: it is not known there',
};

/** @param {string} text */
function bytesOf(text) {
	const padded = text.replaceAll('-', '+').replaceAll('_', '/');
	return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
}

/** 64 bytes as they are written: of the last letter four bits count for nothing, and have to be zero. */
const signatureShape = /^[\w-]{85}[AQgw]$/;

const changed = {
	ok: /** @type {const} */ (false),
	why: 'The signature does not hold: something in this receipt was changed.',
};

/** @param {string} text */
const jsonOf = (text) =>
	JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(text)));

/**
 * Whether the receipt is ours and whole, and what it says. Nothing leaves the page.
 * @param {string} text the receipt: three parts between dots
 * @param {readonly PublicKey[]} keys ours
 * @returns {Promise<Verdict>}
 */
export async function checkReceipt(text, keys) {
	const jws = text.trim();
	const [header, claims, signature, ...more] = jws.split('.');
	if (!header || !claims || !signature || more.length > 0 || !/^[\w.-]+$/.test(jws))
		return {
			ok: false,
			why: 'This is not a receipt: it has three parts between dots, and nothing else.',
		};
	let named;
	try {
		named = jsonOf(header);
	} catch {
		return { ok: false, why: 'This is not a receipt of ours: its first part cannot be read.' };
	}
	const key = keys.find(({ kid }) => kid === named?.kid);
	if (named?.alg !== 'EdDSA' || !key)
		return { ok: false, why: 'This receipt names a key that is not ours.' };
	if (!signatureShape.test(signature)) return changed;
	let isGood;
	try {
		const imported = await crypto.subtle.importKey(
			'jwk',
			{ kty: key.kty, crv: key.crv, x: key.x },
			'Ed25519',
			false,
			['verify'],
		);
		isGood = await crypto.subtle.verify(
			'Ed25519',
			imported,
			bytesOf(signature),
			new TextEncoder().encode(`${header}.${claims}`),
		);
	} catch {
		return { ok: false, why: 'This browser cannot check Ed25519 signatures. Try a newer one.' };
	}
	if (!isGood) return changed;
	const receipt = jsonOf(claims);
	return { ok: true, parts: explain(receipt), stage: receipt.stage, id: receipt.jti };
}

/**
 * @param {Record<string, any>} receipt of a good signature
 * @returns {Part[]}
 */
export function explain(receipt) {
	return [
		{
			title: 'What was asked',
			meaning: 'An erasure has a random number of its own. It is not the number of your account.',
			lines: [
				{
					what: 'Erased',
					says: receipt.scope === 'account' ? 'the whole account' : `one ${receipt.scope}`,
				},
				{ what: 'Asked for', says: dayOf(receipt.requested_at) },
				{ what: 'Everything in use was gone', says: dayOf(receipt.erased_at) },
				{ what: 'Number of the erasure', says: String(receipt.jti) },
				{ what: 'Signed by', says: String(receipt.iss) },
			],
		},
		{
			title: 'What was deleted',
			meaning: 'Counts only: a receipt that named your pictures would be a list of them.',
			lines: [
				...Object.entries(receipt.deleted.files).map(([bucket, count]) => ({
					what: `Files, ${wordsOf(bucket)}`,
					says: String(count),
				})),
				...Object.entries(receipt.deleted.rows).map(([table, count]) => ({
					what: `Rows, ${wordsOf(table)}`,
					says: String(count),
				})),
			],
		},
		{
			title: 'How we know',
			meaning:
				'What each service answered. 200 means: deleted. 404 means: asked for again, and not known any more.',
			lines: receipt.evidence.map((/** @type {Record<string, any>} */ one) => ({
				what: `${steps[/** @type {keyof typeof steps} */ (one['step'])] ?? one['step']} (${one['by']})`,
				says: `${answerOf(one)}; ${dayOf(one['at'])}`,
			})),
		},
		{
			title: 'What stays, and why',
			meaning: 'Nothing that stays with us has your name, your address or your face.',
			lines: receipt.kept.map((/** @type {Record<string, any>} */ one) => ({
				what: one['count'] === null ? one['what'] : `${one['what']}: ${one['count']}`,
				says: `${one['until'] === null ? '' : `Until ${dayOf(one['until'])}. `}${one['why']}`,
			})),
		},
		{
			title: 'What still ages out',
			meaning:
				receipt.ageing_out.length === 0
					? 'Nothing: the last backup is gone, too.'
					: 'What nobody can take out sooner. It goes by itself, by the day beside it.',
			lines: receipt.ageing_out.map((/** @type {Record<string, any>} */ one) => ({
				what: one['what'],
				says: one['until'] === null ? 'as its owner’s rules say' : `by ${dayOf(one['until'])}`,
			})),
		},
	];
}
