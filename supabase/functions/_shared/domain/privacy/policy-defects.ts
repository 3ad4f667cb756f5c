import { policyTables } from './policy-tables.ts';
import { policyVersions } from './policy.ts';

/**
 * What is wrong with the texts, keyed by version, as sentences; none: they are as published, and the one in
 * force says what the registry says. The build asks, and so does a test.
 */
export function policyDefects(
	texts: ReadonlyMap<string, string>,
	sha256: (text: string) => string,
): string[] {
	const known: ReadonlySet<string> = new Set(policyVersions.map(({ version }) => version));
	const strays = [...texts.keys()]
		.filter((version) => !known.has(version))
		.map((version) => `${version}.md is not listed in policyVersions.`);
	const changed = policyVersions.flatMap((listed) => {
		const text = texts.get(listed.version);
		if (text === undefined) return [`${listed.version}.md is missing.`];
		return sha256(text) === listed.sha256
			? []
			: [`${listed.version}.md is not as published. A change needs a new version.`];
	});
	const inForce = texts.get(policyVersions[0].version) ?? '';
	const parted = Object.entries(policyTables())
		.filter(([, table]) => !inForce.includes(`\n\n${table}\n`))
		.map(
			([name, table]) =>
				`The policy in force does not say what the registry says (${name}). A new version needs:\n${table}`,
		);
	return [...strays, ...changed, ...parted];
}
