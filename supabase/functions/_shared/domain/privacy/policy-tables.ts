/** The parts of the policy's text that are the registry in words: the text in force must contain them. */
import type { Profile } from '../profile.ts';
import { cookies, tabStorage } from './cookies.ts';
import { namedCategories, namedProcessors } from './policy.ts';
import { transferWords } from './processors.ts';
import { legalBases } from './purposes.ts';
import { retentionRules } from './retention.ts';

const entry = (term: string, lines: readonly string[]): string =>
	[term, ...lines.map((line) => `: ${line}`)].join('\n');

export function policyTables(
	profile: Profile,
): Record<'stored' | 'processors' | 'cookies', string> {
	const stored = namedCategories(profile).map(({ what, why, legalBasis, retention }) => {
		const rule = retentionRules.find(({ id }) => id === retention);
		return entry(what, [why, `Kept ${rule?.words ?? ''}. Ground: ${legalBases[legalBasis]}.`]);
	});
	const working = namedProcessors(profile).map(({ name, role, receives, region, transferBasis }) =>
		entry(name, [
			`${role} Receives ${receives}.`,
			`${region}. Ground for the transfer: ${transferWords[transferBasis]}.`,
		]),
	);
	const set = [...cookies, ...tabStorage].map(({ name, why, until }) =>
		entry(`\`${name}\``, [`${why} Kept ${until}.`]),
	);
	const join = (entries: readonly string[]) => entries.join('\n\n');
	return { stored: join(stored), processors: join(working), cookies: join(set) };
}
