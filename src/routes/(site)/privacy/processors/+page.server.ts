import { dataCategories } from '#domain/privacy/categories.ts';
import { namedProcessors, policyInForce } from '#domain/privacy/policy.ts';
import { transferWords, type Processor } from '#domain/privacy/processors.ts';
import { longDay } from '$lib/server/policy/page.ts';
import type { PageServerLoad } from './$types';

/** Which kinds of data a company sees. */
const seenBy = ({ id }: Processor): string[] =>
	dataCategories
		.filter(({ processors }) => processors.some((processor) => processor === id))
		.map(({ what }) => what);

export const load: PageServerLoad = () => ({
	edge: `As the policy of ${longDay(policyInForce.version)} names them`,
	processors: namedProcessors().map((processor) => ({
		...processor,
		transfer: transferWords[processor.transferBasis],
		reviewed: longDay(processor.reviewedUntil),
		sees: seenBy(processor),
	})),
});
