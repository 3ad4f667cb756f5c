import type { ProcessorId } from './processors.ts';
import type { LegalBasis, Purpose } from './purposes.ts';
import type { RetentionRuleId } from './retention.ts';

export type DataCategory = {
	id: string;
	/** The heading on the privacy page. */
	what: string;
	/** What it is for, in a sentence or two. */
	why: string;
	/** Tables (schema.table) that hold it. */
	tables: readonly string[];
	/** Buckets that hold its files. */
	buckets: readonly string[];
	purpose: Purpose;
	legalBasis: LegalBasis;
	retention: RetentionRuleId;
	processors: readonly ProcessorId[];
	/** Held only where this company works for us. */
	onlyWith?: ProcessorId;
};
