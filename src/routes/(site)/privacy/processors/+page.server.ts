import { namedCategories, namedProcessors, policyInForce } from '#domain/privacy/policy.ts';
import { transferWords, type Processor } from '#domain/privacy/processors.ts';
import { env } from '$lib/server/env.ts';
import { longDay } from '$lib/server/policy/page.ts';
import type { PageServerLoad } from './$types';

/** Which kinds of data a company sees. */
const seenBy = ({ id }: Processor): string[] =>
	namedCategories(env().PROFILE)
		.filter(({ processors }) => processors.some((processor) => processor === id))
		.map(({ what }) => what);

export const load: PageServerLoad = () => ({
	edge: `As the policy of ${longDay(policyInForce(env().PROFILE).version)} names them`,
	processors: namedProcessors(env().PROFILE).map((processor) => ({
		...processor,
		transfer: transferWords[processor.transferBasis],
		reviewed: longDay(processor.reviewedUntil),
		sees: seenBy(processor),
	})),
});
