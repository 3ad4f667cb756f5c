/**
 * At most once: a request that costs money leaves us once, whatever is lost on the way. The mark is
 * made before it leaves; without an answer the provider is asked whether it took it, and it is never
 * sent a second time on a guess.
 */
import type { ProviderRequest, Submission } from '../domain/provider-request.ts';
import { TryAgain } from './try-again.ts';

/** One request's side of the protocol, for a training or a generation alike. */
export type Submittable = {
	send(): Promise<Submission>;
	/** False when the row is not waiting for this request (any more). */
	record(request: ProviderRequest): Promise<boolean>;
	/** Takes the mark away after a submit that was certainly not accepted. */
	clear(): Promise<void>;
	refuse(code: string): Promise<void>;
	/** Asks the provider for a request that it took without our hearing of it. */
	find(): Promise<ProviderRequest | null>;
	cancel(request: ProviderRequest): Promise<void>;
};

/** `begin` makes the mark: what is needed to send, for the one caller that may; null for everybody else. */
export async function submitOnce<Begun>(
	begin: () => Promise<Begun | null>,
	sideOf: (begun: Begun) => Omit<Submittable, 'find'>,
): Promise<void> {
	const begun = await begin();
	if (begun === null) return;
	const side = sideOf(begun);
	const submission = await side.send();
	switch (submission.kind) {
		case 'accepted':
			await keep(side, submission.request);
			return;
		case 'busy':
			await side.clear();
			throw new TryAgain(submission.detail, submission.retryAfterSeconds);
		case 'refused':
			return side.refuse(submission.code);
		case 'unknown':
			// The webhook or the sweep has the provider asked whether it took the request.
			return;
	}
}

/** After a submit whose answer we do not have (yet): null while the provider knows of none. */
export async function findSubmitted(
	side: Pick<Submittable, 'find' | 'record' | 'cancel'>,
): Promise<ProviderRequest | null> {
	const found = await side.find();
	return found !== null && (await keep(side, found)) ? found : null;
}

/** Notes the provider's request. One that nobody waits for is cancelled, and forgotten there by a job of the store. */
async function keep(
	side: Pick<Submittable, 'record' | 'cancel'>,
	request: ProviderRequest,
): Promise<boolean> {
	const isOurs = await side.record(request);
	if (!isOurs) await side.cancel(request);
	return isOurs;
}
