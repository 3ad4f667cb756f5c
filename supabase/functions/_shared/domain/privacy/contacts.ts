/** Whom to write to, by profile. The operator sees to it that somebody reads these (docs/deploy.md). */
import type { Profile } from '../profile.ts';

export type Contacts = { privacy: string; security: string };

export const contacts: Record<Profile, Contacts> = {
	haloprofile: { privacy: 'privacy@haloprofile.art', security: 'security@haloprofile.art' },
	headshotr: { privacy: 'privacy@headshotr.ai', security: 'security@headshotr.ai' },
};

/** Until when security.txt may be believed (RFC 9116): less than a year ahead, renewed with every review. */
export const securityTxtExpires = '2027-10-31T00:00:00.000Z';
