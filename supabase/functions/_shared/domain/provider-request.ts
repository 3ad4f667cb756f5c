/** A request as the provider knows it. `statusUrl` and friends are those of its own submit answer. */
export type ProviderRequest = {
	endpoint: string;
	requestId: string;
	statusUrl: string;
	responseUrl: string;
	cancelUrl: string;
};

/** What a submit can end in. `unknown` = sent, no answer: never submit again before asking. */
export type Submission =
	| { kind: 'accepted'; request: ProviderRequest }
	/** Null: no pause was named. */
	| { kind: 'busy'; retryAfterSeconds: number | null; detail: string }
	| { kind: 'refused'; code: string; detail: string }
	| { kind: 'unknown'; detail: string };
