/**
 * Strangers at the doors of our webhooks: what was not signed, or long ago, or by somebody else, or for another
 * shop. Judged by the code that judges them in production; what it lets in goes the way of every bell, and is told.
 */
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { falWebhooks } from '#providers/fal/webhook.ts';
import { verifyStripeWebhook } from '#providers/stripe/webhook.ts';
import type { PaymentEvent } from '#domain/reconciliation.ts';
import type { Violation } from '../invariants.ts';
import type { World } from './world.ts';

const secret = 'whsec_ours';
const account = 'our-account';
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519').privateKey;
const keys = JSON.stringify({ keys: [publicKey.export({ format: 'jwk' })] });
const fal = falWebhooks({
	jwksUrl: `data:application/json,${encodeURIComponent(keys)}`,
	ownUserId: account,
});

type Around = Pick<World, 'schedule' | 'random' | 'violations'>;

/** A word of Stripe's about this page that Stripe did not say; `believed` when it is taken for one. */
export async function lieAsStripe(
	{ schedule, random, violations }: Around,
	bell: PaymentEvent,
	believed: (event: PaymentEvent) => Promise<unknown>,
): Promise<void> {
	const now = Math.floor(schedule.now / 1000);
	const about = bell.about.kind === 'checkout' ? bell.about.sessionId : 'cs_unknown';
	const how = random.pick(['unsigned', 'forged', 'stale', 'live'] as const);
	const body = JSON.stringify({
		id: `evt_false_${random.hex(8)}`,
		object: 'event',
		type: 'checkout.session.completed',
		livemode: how === 'live',
		created: now,
		data: { object: { id: about, object: 'checkout.session' } },
	});
	const header = (key: string, at: number) =>
		`t=${at},v1=${createHmac('sha256', key).update(`${at}.${body}`).digest('hex')}`;
	const signature = {
		unsigned: null,
		forged: header('whsec_theirs', now),
		stale: header(secret, now - 900),
		live: header(secret, now),
	}[how];
	const verdict = await verifyStripeWebhook(body, signature, secret, new Date(schedule.now));
	// As the wiring does: of live mode, where ours is test mode.
	if (verdict.kind !== 'genuine' || verdict.event.isLive) return;
	violations.push(believedIn(how));
	await believed(verdict.event);
}

/** A word of fal's about a request, not said by fal, or said to somebody else. */
export async function lieAsFal(
	{ schedule, random, violations }: Around,
	requestId: string,
): Promise<void> {
	const now = Math.floor(schedule.now / 1000);
	const how = random.pick(['unsigned', 'forged', 'stale', 'foreign'] as const);
	const body = new TextEncoder().encode(JSON.stringify({ request_id: requestId }));
	const user = how === 'foreign' ? 'another-account' : account;
	const at = how === 'stale' ? now - 900 : now;
	const digest = Buffer.from(await crypto.subtle.digest('SHA-256', body)).toString('hex');
	const message = Buffer.from([requestId, user, at, digest].join('\n'));
	const headers = new Headers({
		'x-fal-webhook-request-id': requestId,
		'x-fal-webhook-user-id': user,
		'x-fal-webhook-timestamp': String(at),
	});
	const key = how === 'forged' ? stranger : privateKey;
	if (how !== 'unsigned')
		headers.set('x-fal-webhook-signature', sign(null, message, key).toString('hex'));
	const verdict = await fal.verify(headers, body, new Date(schedule.now));
	if (verdict.kind === 'genuine') violations.push(believedIn(how));
	// Whoever is the real one is let in all the same.
	if (how !== 'stale' && how !== 'foreign') return;
	const good = [requestId, account, now, digest].join('\n');
	headers.set('x-fal-webhook-user-id', account);
	headers.set('x-fal-webhook-timestamp', String(now));
	headers.set('x-fal-webhook-signature', sign(null, Buffer.from(good), privateKey).toString('hex'));
	const real = await fal.verify(headers, body, new Date(schedule.now));
	if (real.kind !== 'genuine')
		violations.push({ invariant: 'I14', detail: `fal itself is ${real.kind}` });
}

const believedIn = (how: string): Violation => ({
	invariant: 'I4',
	detail: `a bell that was ${how} was believed`,
});
