/** The dated texts of this profile's policy, as published. */
import { policyFile, policyVersions, type PolicyVersion } from '#domain/privacy/policy.ts';
import { env } from '../env.ts';

const files: Record<string, unknown> = import.meta.glob('../../policy/*/*.md', {
	query: '?raw',
	import: 'default',
	eager: true,
});

export type Published = PolicyVersion & { text: string };

/** The version of that date with its text; null: there is none. */
export function publishedPolicy(version: string): Published | null {
	const { PROFILE } = env();
	const listed = policyVersions[PROFILE].find((known) => known.version === version);
	const text = files[`../../policy/${policyFile(PROFILE, version)}`];
	return listed && typeof text === 'string' ? { ...listed, text } : null;
}

/** The version before this one, or null. */
export function policyBefore(version: string): Published | null {
	const all = policyVersions[env().PROFILE];
	const at = all.findIndex((known) => known.version === version);
	const before = at === -1 ? undefined : all[at + 1];
	return before ? publishedPolicy(before.version) : null;
}
