/** Credits. The ledger is append-only; both balances are sums of its signed columns. */

export type CreditUnit = 'training' | 'headshot';

export type CreditEntryKind = 'grant' | 'hold' | 'capture' | 'release' | 'refund' | 'adjustment';

export type CreditEntry = {
	id: string;
	unit: CreditUnit;
	kind: CreditEntryKind;
	/** Change of what can be spent. */
	available: number;
	/** Change of what is set aside for work under way. */
	held: number;
	reason: string;
	createdAt: Date;
};
