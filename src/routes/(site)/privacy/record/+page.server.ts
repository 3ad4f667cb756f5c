import { namedCategories, policyInForce } from '#domain/privacy/policy.ts';
import { processors } from '#domain/privacy/processors.ts';
import { legalBases, purposes } from '#domain/privacy/purposes.ts';
import { retentionRules } from '#domain/privacy/retention.ts';
import { env } from '$lib/server/env.ts';
import { longDay } from '$lib/server/policy/page.ts';
import type { PageServerLoad } from './$types';

const nameOf = (id: string) => processors.find((processor) => processor.id === id)?.name ?? id;

/** The record of processing activities (GDPR 30), from the same registry as everything else. */
export const load: PageServerLoad = () => ({
	edge: `With the policy of ${longDay(policyInForce(env().PROFILE).version)}`,
	purposes: Object.entries(purposes).map(([id, words]) => ({ id, words })),
	categories: namedCategories(env().PROFILE).map((category) => {
		const rule = retentionRules.find(({ id }) => id === category.retention);
		return {
			id: category.id,
			what: category.what,
			purpose: category.purpose,
			ground: legalBases[category.legalBasis],
			kept: rule?.words ?? '',
			from: rule?.period == null ? null : `${rule.period} from ${rule.from}`,
			where: [...category.tables, ...category.buckets.map((bucket) => `bucket ${bucket}`)],
			seenBy: category.processors.map(nameOf),
		};
	}),
});
