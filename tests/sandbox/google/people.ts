/** The people who have an account here, and what Google knows of each. */
import { createHash } from 'node:crypto';

export type Person = { email: string; name: string; locale: string; hd?: string };

export const people: readonly Person[] = [
	{ email: 'maya.lindqvist@example.com', name: 'Maya Lindqvist', locale: 'sv' },
	{ email: 'tomas.ferreira@example.org', name: 'Tomás Ferreira', locale: 'pt-BR' },
	{
		email: 'jun@watanabe-law.example',
		name: 'Jun Watanabe',
		locale: 'en',
		hd: 'watanabe-law.example',
	},
];

/** Google's id of a person: 21 digits, the same for the same address. */
const subjectOf = (email: string): string => {
	const digest = createHash('sha256').update(email.toLowerCase()).digest('hex');
	return `1${(BigInt(`0x${digest}`) % 10n ** 20n).toString().padStart(20, '0')}`;
};

/** All that Google tells, more than the product may keep. */
export const claimsOf = (person: Person, isVerified: boolean) => {
	const [given = '', ...family] = person.name.split(' ');
	return {
		sub: subjectOf(person.email),
		email: person.email,
		email_verified: isVerified,
		name: person.name,
		given_name: given,
		family_name: family.join(' '),
		picture: `https://lh3.googleusercontent.com/a/${subjectOf(person.email)}=s96-c`,
		locale: person.locale,
		...(person.hd === undefined ? {} : { hd: person.hd }),
	};
};
