/**
 * The dated versions of each profile's privacy policy. Their texts are src/lib/policy/<profile>/<version>.md,
 * each held by its hash: a text is never changed. To change it, write the next one and add it here and in
 * SQL 1800.
 */
import type { Profile } from '../profile.ts';
import { dataCategories } from './categories.ts';
import type { DataCategory } from './data-category.ts';
import { processors, type Processor, type ProcessorId } from './processors.ts';

export type PolicyVersion = {
	/** ISO date it is in force from; also its name. */
	version: string;
	/** Of the text, as hex. */
	sha256: string;
	/** Who may be switched on while it is in force. */
	names: readonly ProcessorId[];
	/** What is different from the one before, for the notice. */
	summary: string;
};

/** Newest first; the first is in force. */
export const policyVersions: Record<Profile, readonly [PolicyVersion, ...PolicyVersion[]]> = {
	haloprofile: [
		{
			version: '2026-11-25',
			sha256: 'fd47f4e8a1aeeb11dc30820ab956a59b9ea168bcb89a19bbb0076b18e3fbbbbd',
			names: ['supabase', 'fal', 'gemini', 'stripe', 'resend', 'google'],
			summary:
				'Portraits can now also be made by Google Gemini, without a model of you; what Google keeps, and for how long, is said.',
		},
		{
			version: '2026-11-21',
			sha256: '43913c1228f8039b3b2ee3a8a0211c4875694c62a6915b644e28168c135e6e29',
			names: ['supabase', 'fal', 'stripe', 'resend', 'google'],
			summary:
				'Photos now go by themselves, you can erase and export everything yourself, and each ground and period is named.',
		},
		{
			version: '2026-11-01',
			sha256: '4ea4b1287711670414bdf20199b9f70faae4a196854e071a69eb98606bd34c6f',
			names: ['supabase', 'fal', 'stripe', 'resend', 'google'],
			summary: 'The first.',
		},
	],
	headshotr: [
		{
			version: '2026-11-25',
			sha256: '855a21d6f9d3a73ea25825b618b0700a33d79abe2fe249f2087bfaafe67e5647',
			names: ['supabase', 'gemini', 'r2', 'stripe', 'resend', 'google'],
			summary: 'The first.',
		},
	],
};

/** Where a text stands, below the folder of all texts. */
export const policyFile = (profile: Profile, version: string): string => `${profile}/${version}.md`;

export const policyInForce = (profile: Profile): PolicyVersion => policyVersions[profile][0];

/** Whom the policy in force names, in the registry's order. */
export function namedProcessors(profile: Profile): Processor[] {
	const { names } = policyInForce(profile);
	return processors.filter(({ id }) => names.includes(id));
}

/** What is kept under the policy in force, and by whom of those that it names. */
export function namedCategories(profile: Profile): DataCategory[] {
	const { names } = policyInForce(profile);
	return dataCategories
		.filter(({ onlyWith }: DataCategory) => onlyWith === undefined || names.includes(onlyWith))
		.map((category) => ({
			...category,
			processors: category.processors.filter((id) => names.includes(id)),
		}));
}
