/** How long each kind of data is kept, from when, and in which words that is promised. */

export type RetentionRule = {
	id: string;
	/** Of what, as a noun. */
	of: string;
	/** ISO 8601 duration; null: as long as the account is active. */
	period: string | null;
	/** What the period counts from. */
	from: string;
	/** The promise, to be read after "Kept". */
	words: string;
};

/** SQL `private.retention_rules` mirrors the ids and periods; a test holds the two equal. */
export const retentionRules = [
	{
		id: 'photos',
		of: 'Photos',
		period: 'P30D',
		from: 'the first portrait of the shoot, or the upload when no portrait was made',
		words:
			'until 30 days after your first portrait, or after the upload if none was made; shorter if you choose so',
	},
	{
		id: 'datasets',
		of: 'Training archives',
		period: 'PT0S',
		from: 'the end of the training',
		words: 'until the training ends',
	},
	{
		id: 'loras',
		of: 'Private models',
		period: 'P30D',
		from: 'the last use',
		words: 'until 30 days after it was last used; you can extend that',
	},
	{
		id: 'headshots',
		of: 'Portraits',
		period: null,
		from: 'the account’s closing',
		words: 'while the account is active, or until you delete them',
	},
	{
		id: 'account',
		of: 'The account',
		period: null,
		from: 'the account’s closing',
		words: 'while the account is active; when you erase it, it is gone at once',
	},
	{
		id: 'consents',
		of: 'Consent records',
		period: null,
		from: 'the account’s closing',
		words: 'while the account is active, also those that you withdrew',
	},
	{
		id: 'unpaid_orders',
		of: 'Orders never paid',
		period: 'P90D',
		from: 'the order',
		words: 'for 90 days, if it was never paid',
	},
	{
		id: 'payment_records',
		of: 'Payment records',
		period: 'P7Y',
		from: 'the payment',
		words: '7 years, as the law asks; without your name once the account is erased',
	},
	{
		id: 'sessions',
		of: 'Sessions',
		period: 'P30D',
		from: 'the last use',
		words: 'until you sign out, or for 30 days unused',
	},
	{
		id: 'security_log',
		of: 'Security log',
		period: 'P30D',
		from: 'the event',
		words: '30 days, with shortened addresses',
	},
	{
		id: 'access_log',
		of: 'Access log',
		period: 'P30D',
		from: 'the reading',
		words: '30 days',
	},
	{
		id: 'webhook_events',
		of: 'Notices from providers',
		period: 'P30D',
		from: 'the handling',
		words: '30 days',
	},
	{
		id: 'jobs',
		of: 'Jobs that were given up',
		period: 'P30D',
		from: 'the end',
		words: '30 days',
	},
	{
		id: 'mails',
		of: 'Sent mails',
		period: 'P90D',
		from: 'the sending',
		words: '90 days',
	},
	{
		id: 'subject_requests',
		of: 'Requests about your rights',
		period: 'P2Y',
		from: 'the closing of the request',
		words: '2 years after it was answered',
	},
	{
		id: 'receipts',
		of: 'Erasure receipts',
		period: 'P3Y',
		from: 'the erasure',
		words: '3 years, without a name',
	},
] as const satisfies readonly RetentionRule[];

export type RetentionRuleId = (typeof retentionRules)[number]['id'];

/** When a person wants their photos gone earlier than the rule says. */
export const photoRetentionChoices = ['after_training', 'PT24H', 'P7D', 'P30D'] as const;

export type PhotoRetentionChoice = (typeof photoRetentionChoices)[number];
