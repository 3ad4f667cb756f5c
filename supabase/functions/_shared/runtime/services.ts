/** The one place where the real things are put together. */
import { makeZip } from 'client-zip';
import { processorOf } from '../domain/engine.ts';
import type { OwnRows } from '../domain/own-rows.ts';
import type { Log } from '../domain/ports.ts';
import type { Deps } from '../flow/deps.ts';
import { keepingToTombstones } from '../flow/erased-stay-erased.ts';
import { falProvider, falWebhooks, type FalWebhookVerdict } from '../providers/fal/index.ts';
import { geminiGenerator } from '../providers/gemini/index.ts';
import { supabaseAccounts } from '../providers/accounts/index.ts';
import { resendMailer } from '../providers/mail/index.ts';
import { certificateSigner, pictureMarker } from '../providers/marking/index.ts';
import { jsquashPictures } from '../providers/pictures/index.ts';
import { receiptSigner } from '../providers/receipt/index.ts';
import { openObjectStore } from '../providers/storage/index.ts';
import {
	stripePayments,
	verifyStripeWebhook,
	type StripeVerdict,
} from '../providers/stripe/index.ts';
import { ownRowsOf, supabaseStore } from '../store/index.ts';
import { systemClock } from './clock.ts';
import { egressOf, guardedFetch } from './egress.ts';
import { paidTier } from './env-gemini.ts';
import { readEnv, type Env } from './env.ts';
import type { Section } from './env-section.ts';
import { inBackground, readVariable } from './host.ts';
import { jsonLog } from './log.ts';
import { trace, traced } from './trace.ts';
import { accountOf } from './person.ts';

/** A secret is missing: its door answers 503, and never lets anything through instead. */
export class DoorClosed extends Error {
	constructor(missing: readonly string[]) {
		super(`not set: ${missing.join(', ')}`);
		this.name = 'DoorClosed';
	}
}

export type Vendor = 'fal' | 'gemini' | 'stripe' | 'mail' | 'cron';

export type Services = {
	deps: Deps;
	log: Log;
	/** Throws `DoorClosed` when a secret of this vendor is missing. */
	mustBeOpen(vendor: Vendor): void;
	/** The account that an access token belongs to, asked of Auth; null when it is good for nothing. */
	accountOf(authorization: string | null): Promise<string | null>;
	/** What its owner may see, asked with the token itself. */
	ownRowsOf(authorization: string): OwnRows;
	cronSecret(): string;
	verifyFal(headers: Headers, rawBody: Uint8Array): Promise<FalWebhookVerdict>;
	/** An event of the other mode (test or live) than this installation's is `foreign`. */
	verifyStripe(
		signature: string | null,
		rawBody: Uint8Array,
	): Promise<StripeVerdict | { kind: 'foreign' }>;
};

let wired: Services | undefined;

export function services(): Services {
	wired ??= open(readEnv(readVariable));
	return wired;
}

/** From here on nothing leaves but to whom the environment names. */
function open(env: Env): Services {
	globalThis.fetch = guardedFetch(egressOf(env), globalThis.fetch);
	return wire(env);
}

function opened<T>(section: Section<T>): { isOpen: true } & T {
	if (!section.isOpen) throw new DoorClosed(section.missing);
	return section;
}

function once<T>(make: () => T): () => T {
	let made: { value: T } | undefined;
	return () => (made ??= { value: make() }).value;
}

function wire(env: Env): Services {
	const log = jsonLog();
	const clock = systemClock;
	const fal = once(() => falProvider(opened(env.fal).provider));
	const falDoor = once(() => falWebhooks(opened(env.fal).webhook));
	const gemini = once(() => geminiGenerator(opened(env.gemini).generator));
	const payments = once(() => stripePayments(opened(env.stripe).payments));
	const mailer = once(() => resendMailer(opened(env.mail).mailer));
	const signer = once(() => receiptSigner(opened(env.receipts).signingKey));
	const cronSecret = () => opened(env.cron).secret;
	const { signing } = env;
	if (!env.gemini.isOpen && env.gemini.missing.includes(paidTier))
		log.error('gemini.refused', { missing: env.gemini.missing.join() });
	if (!signing.isOpen) log.error('marking.without_signature', { missing: signing.missing.join() });

	const store = supabaseStore({ ...env.supabase, requestId: () => traced().request ?? null });
	const deps: Deps = {
		clock,
		log,
		settings: env.settings,
		trace,
		store,
		objects: keepingToTombstones(openObjectStore(env.files), store),
		accounts: supabaseAccounts(env.supabase),
		signReceipt: (claims) => signer()(claims),
		backupDays: env.backupDays,
		operatorMail: env.operatorMail,
		get payments() {
			return payments();
		},
		get trainer() {
			return fal().trainer;
		},
		get generator() {
			return fal().generator;
		},
		get instant() {
			return gemini();
		},
		get eraser() {
			return fal().eraser;
		},
		get books() {
			return fal().books;
		},
		get files() {
			return fal().files;
		},
		get mailer() {
			return mailer();
		},
		pictures: jsquashPictures(),
		mark: pictureMarker({
			system: env.settings.SITE_NAME,
			version: '1',
			signer: signing.isOpen
				? once(() => certificateSigner(signing.certificate, signing.privateKey))
				: null,
		}),
		zip: (files) =>
			makeZip(
				(async function* () {
					// One date for all: the same photos are the same archive.
					for await (const { name, bytes } of files)
						yield { name, input: bytes, lastModified: new Date(0) };
				})(),
			),
		engine: {
			get trainer() {
				return opened(env.fal).trainer;
			},
			get trainerSteps() {
				return opened(env.fal).trainerSteps;
			},
			get generator() {
				return opened(env.fal).generator;
			},
			inFlight: env.fal.isOpen ? env.fal.inFlight : 0,
			instant: env.gemini.isOpen
				? { capacity: env.gemini.capacity, perMinute: env.gemini.perMinute }
				: { capacity: 0, perMinute: 0 },
		},
		mustRun: (engine) => void opened<object>(env[processorOf[engine]]),
		addresses: { site: env.siteUrl, falWebhook: `${env.supabase.functionsUrl}/fal-webhook` },
		async passOn() {
			const response = await fetch(`${env.supabase.functionsUrl}/run-jobs`, {
				method: 'POST',
				headers: { 'x-cron-secret': cronSecret() },
				signal: AbortSignal.timeout(10_000),
			});
			await response.body?.cancel();
			if (!response.ok) throw new Error(`run-jobs answered ${response.status}`);
		},
		inBackground,
	};

	return {
		deps,
		log,
		mustBeOpen: (vendor) => void opened<object>(env[vendor]),
		accountOf: (authorization) => accountOf(env.supabase, authorization),
		ownRowsOf: ownRowsOf(env.supabase),
		cronSecret,
		verifyFal: (headers, rawBody) => falDoor().verify(headers, rawBody, clock.now()),
		async verifyStripe(signature, rawBody) {
			const { webhookSecret, isLive } = opened(env.stripe);
			const text = new TextDecoder().decode(rawBody);
			const verdict = await verifyStripeWebhook(text, signature, webhookSecret, clock.now());
			if (verdict.kind === 'genuine' && verdict.event.isLive !== isLive) return { kind: 'foreign' };
			return verdict;
		},
	};
}
