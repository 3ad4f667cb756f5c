/** What is kept about a person: where, what for, on which ground, how long, and who works on it. */
import { pictureCategories } from './picture-categories.ts';
import type { ProcessorId } from './processors.ts';
import type { LegalBasis, Purpose } from './purposes.ts';
import type { RetentionRuleId } from './retention.ts';

export type DataCategory = {
	id: string;
	/** The heading on the privacy page. */
	what: string;
	/** What it is for, in a sentence or two. */
	why: string;
	/** Tables (schema.table) that hold it. */
	tables: readonly string[];
	/** Buckets that hold its files. */
	buckets: readonly string[];
	purpose: Purpose;
	legalBasis: LegalBasis;
	retention: RetentionRuleId;
	processors: readonly ProcessorId[];
	/** Held only where this company works for us. */
	onlyWith?: ProcessorId;
};

export const dataCategories = [
	{
		id: 'account',
		what: 'Name and e-mail address',
		why: 'To know whose account it is and to write to you. Of what Google sends, we keep only these.',
		tables: ['public.profiles', 'auth.users', 'auth.identities'],
		buckets: [],
		purpose: 'account',
		legalBasis: 'contract',
		retention: 'account',
		processors: ['supabase', 'stripe', 'resend', 'google'],
	},
	...pictureCategories,
	{
		id: 'payments',
		what: 'Orders and credits',
		why: 'Amount, date and Stripe’s numbers, for invoices, refunds and the tax office.',
		tables: [
			'public.orders',
			'public.credit_entries',
			'public.credit_balances',
			'public.credit_holds',
			'private.stripe_customers',
			'private.payment_refunds',
			'private.payment_records',
			'public.subscriptions',
			'public.refunds',
			'public.disputes',
			'private.plan_credits',
			'private.promotion_uses',
			'private.payment_refund_parts',
		],
		buckets: [],
		purpose: 'payment',
		legalBasis: 'obligation',
		retention: 'payment_records',
		processors: ['supabase', 'stripe'],
	},
	{
		id: 'consents',
		what: 'What you agreed to',
		why: 'The wording, when you gave it, and when you withdrew it, as proof for both of us.',
		tables: ['public.consent_records', 'public.policy_notices'],
		buckets: [],
		purpose: 'rights',
		legalBasis: 'obligation',
		retention: 'consents',
		processors: ['supabase'],
	},
	{
		id: 'sessions',
		what: 'Sign-ins',
		why: 'Time, IP address and kind of browser of each session, to keep others out.',
		tables: ['auth.sessions', 'auth.refresh_tokens'],
		buckets: [],
		purpose: 'security',
		legalBasis: 'interest',
		retention: 'sessions',
		processors: ['supabase'],
	},
	{
		id: 'mails',
		what: 'Mails that we sent you',
		why: 'Which message went out when, so that none goes out twice. No copy of its text is kept.',
		tables: ['private.mails'],
		buckets: [],
		purpose: 'account',
		legalBasis: 'contract',
		retention: 'mails',
		processors: ['supabase', 'resend'],
	},
	{
		id: 'work',
		what: 'Work under way',
		why: 'Numbers of what is to be done next and of what providers told us; no names, no pictures.',
		tables: ['private.jobs', 'private.webhook_events', 'private.reconciliation_differences'],
		buckets: [],
		purpose: 'portraits',
		legalBasis: 'contract',
		retention: 'jobs',
		processors: ['supabase'],
	},
	{
		id: 'security_log',
		what: 'Security log',
		why: 'Counts of tries at sign-in, payment and upload, with shortened addresses, to stop guessing and misuse.',
		tables: ['public.sign_in_attempts', 'private.rate_tokens'],
		buckets: [],
		purpose: 'security',
		legalBasis: 'interest',
		retention: 'security_log',
		processors: ['supabase'],
	},
	{
		id: 'access_log',
		what: 'Who or what read your pictures',
		why: 'So that you can see it.',
		tables: ['public.access_log', 'private.exports'],
		buckets: [],
		purpose: 'security',
		legalBasis: 'interest',
		retention: 'access_log',
		processors: ['supabase'],
	},
	{
		id: 'subject_requests',
		what: 'Requests about your rights',
		why: 'What was asked, when, and how it ended, as proof that it was answered in time.',
		tables: ['private.subject_requests', 'public.takedowns', 'public.takedown_confirmations'],
		buckets: [],
		purpose: 'rights',
		legalBasis: 'obligation',
		retention: 'subject_requests',
		processors: ['supabase', 'resend'],
	},
	{
		id: 'receipts',
		what: 'Proof of an erasure',
		why: 'What was erased and when, without a name: nobody can be found by it.',
		tables: [
			'private.erasures',
			'private.erasure_steps',
			'private.erasure_receipts',
			'private.tombstones',
			'private.deletions',
		],
		buckets: ['tombstones'],
		purpose: 'rights',
		legalBasis: 'obligation',
		retention: 'receipts',
		processors: ['supabase'],
	},
] as const satisfies readonly DataCategory[];

export type DataCategoryId = (typeof dataCategories)[number]['id'];
