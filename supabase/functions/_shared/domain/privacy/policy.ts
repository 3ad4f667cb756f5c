/**
 * The dated versions of the privacy policy. Their texts are src/lib/policy/<version>.md, each held by its
 * hash: a text is never changed. To change it, write the next one and add it here and in SQL 1800.
 */
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
export const policyVersions = [
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
] as const satisfies readonly PolicyVersion[];

export const [policyInForce] = policyVersions;

/** Whom the policy in force names, in the registry's order. */
export function namedProcessors(): Processor[] {
	const names: readonly ProcessorId[] = policyInForce.names;
	return processors.filter(({ id }) => names.includes(id));
}
