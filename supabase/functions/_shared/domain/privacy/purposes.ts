/** What data is used for: the closed list. Every column with personal data carries one of these tags. */

export const purposes = {
	account: 'To know whose account it is, to keep it, and to write to you about it.',
	portraits: 'To make the portraits you ask for.',
	payment: 'To sell, invoice and refund.',
	security: 'To keep others out, and to notice fraud and misuse.',
	rights: 'To prove what you agreed to, and to answer when you use your rights.',
} as const;

export type Purpose = keyof typeof purposes;

/** GDPR 6(1), in words. */
export const legalBases = {
	contract: 'to give you what you ordered (GDPR 6(1)(b))',
	consent: 'because you agreed to it, explicitly (GDPR 6(1)(a) and 9(2)(a))',
	obligation: 'because the law asks for it (GDPR 6(1)(c))',
	interest: 'because keeping accounts safe is in your interest and ours (GDPR 6(1)(f))',
} as const;

export type LegalBasis = keyof typeof legalBases;
