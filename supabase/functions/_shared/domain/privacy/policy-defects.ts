import { profiles } from '../profile.ts';
import { policyTables } from './policy-tables.ts';
import { policyFile, policyInForce, policyVersions } from './policy.ts';

/**
 * What is wrong with the texts, keyed by file, as sentences; none: they are as published, and the ones in
 * force say what the registry says. The build asks, and so does a test.
 */
export function policyDefects(
	texts: ReadonlyMap<string, string>,
	sha256: (text: string) => string,
): string[] {
	const listed = profiles.flatMap((profile) =>
		policyVersions[profile].map((published) => ({
			file: policyFile(profile, published.version),
			hash: published.sha256,
		})),
	);
	const known = new Set(listed.map(({ file }) => file));
	const strays = [...texts.keys()]
		.filter((file) => !known.has(file))
		.map((file) => `${file} is not listed in policyVersions.`);
	const changed = listed.flatMap(({ file, hash }) => {
		const text = texts.get(file);
		if (text === undefined) return [`${file} is missing.`];
		return sha256(text) === hash
			? []
			: [`${file} is not as published. A change needs a new version.`];
	});
	const parted = profiles.flatMap((profile) => {
		const file = policyFile(profile, policyInForce(profile).version);
		const inForce = texts.get(file) ?? '';
		return Object.entries(policyTables(profile))
			.filter(([, table]) => !inForce.includes(`\n\n${table}\n`))
			.map(
				([name, table]) =>
					`${file}, which is in force, does not say what the registry says (${name}). It needs:\n${table}`,
			);
	});
	return [...strays, ...changed, ...parted];
}
