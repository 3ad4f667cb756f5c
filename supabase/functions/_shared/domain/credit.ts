/** Credits. The ledger is append-only; both balances are sums of its signed columns. */

export type CreditUnit = 'training' | 'headshot';

export type CreditEntryKind =
	| 'grant'
	| 'hold'
	| 'capture'
	| 'release'
	| 'refund'
	/** Of what a refund that failed, or a dispute that was won, had taken. */
	| 'restore'
	/** A portrait of somebody else. */
	| 'return'
	/** More of a plan than rolls over. */
	| 'lapse'
	/** A dispute that was lost. */
	| 'chargeback'
	| 'adjustment';

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
