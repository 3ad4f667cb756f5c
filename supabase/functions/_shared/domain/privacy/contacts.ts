/** Whom to write to. The operator sees to it that somebody reads these (docs/deploy.md). */
export const contacts = {
	privacy: 'privacy@haloprofile.art',
	security: 'security@haloprofile.art',
} as const;

/** Until when security.txt may be believed (RFC 9116): less than a year ahead, renewed with every review. */
export const securityTxtExpires = '2027-10-31T00:00:00.000Z';
