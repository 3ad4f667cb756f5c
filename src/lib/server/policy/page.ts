/** What a page about one version of the policy shows. */
import { error } from '@sveltejs/kit';
import { policyVersions } from '#domain/privacy/policy.ts';
import { env } from '../env.ts';
import { readPolicy, type PolicyText } from './reading.ts';
import { policyBefore, publishedPolicy, type Published } from './texts.ts';

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/** `21 November 2026` */
export const longDay = (version: string): string => day.format(new Date(version));

export type PolicyPage = {
	policy: PolicyText;
	version: string;
	/** When it is or was in force, in words. */
	edge: string;
	versions: { version: string; name: string; hasChanges: boolean }[];
};

export function publishedOr404(version: string): Published {
	const published = publishedPolicy(version);
	if (!published)
		error(404, {
			message: 'There is no policy of that date.',
			hint: 'All versions are listed at the end of the privacy page.',
		});
	return published;
}

export function policyPage(version: string): PolicyPage {
	const published = publishedOr404(version);
	const all = policyVersions[env().PROFILE];
	const at = all.findIndex((known) => known.version === version);
	const next = at > 0 ? all[at - 1] : undefined;
	return {
		policy: readPolicy(published.text),
		version,
		edge: next
			? `In force from ${longDay(version)} until ${longDay(next.version)}`
			: `In force since ${longDay(version)}`,
		versions: all.map((known) => ({
			version: known.version,
			name: longDay(known.version),
			hasChanges: policyBefore(known.version) !== null,
		})),
	};
}
