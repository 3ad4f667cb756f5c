/** Thrown by a step that cannot finish now: its job is run again later, for a bounded number of times. */
export class TryAgain extends Error {
	/** Null: the usual growing delay. */
	readonly afterSeconds: number | null;

	constructor(reason: string, afterSeconds: number | null = null) {
		super(reason);
		this.name = 'TryAgain';
		this.afterSeconds = afterSeconds;
	}
}
