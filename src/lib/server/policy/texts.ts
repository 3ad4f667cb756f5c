/** The dated texts of the policy, as published. */
import { policyVersions, type PolicyVersion } from '#domain/privacy/policy.ts';

const files: Record<string, unknown> = import.meta.glob('../../policy/*.md', {
	query: '?raw',
	import: 'default',
	eager: true,
});

export type Published = PolicyVersion & { text: string };

/** The version of that date with its text; null: there is none. */
export function publishedPolicy(version: string): Published | null {
	const listed = policyVersions.find((known) => known.version === version);
	const text = files[`../../policy/${version}.md`];
	return listed && typeof text === 'string' ? { ...listed, text } : null;
}

/** The version before this one, or null. */
export function policyBefore(version: string): Published | null {
	const at = policyVersions.findIndex((known) => known.version === version);
	const before = at === -1 ? undefined : policyVersions[at + 1];
	return before ? publishedPolicy(before.version) : null;
}
