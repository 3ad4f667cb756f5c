/**
 * At most once: a request that costs money leaves us once, whatever is lost on the way. The mark is
 * made before it leaves; without an answer the provider is asked whether it took it, and it is never
 * sent a second time on a guess.
 */
import type { ProviderRequest, Submission } from '../domain/ports.ts';
import { TryAgain } from './try-again.ts';

/** One request's side of the protocol, for a training or a generation alike. */
export type Submittable = {
	/** True for the one caller that may send. */
	begin(): Promise<boolean>;
	send(): Promise<Submission>;
	record(request: ProviderRequest): Promise<void>;
	/** Takes the mark away after a submit that was certainly not accepted. */
	clear(): Promise<void>;
	refuse(code: string): Promise<void>;
};

export async function submitOnce(request: Submittable): Promise<void> {
	if (!(await request.begin())) return;
	const submission = await request.send();
	switch (submission.kind) {
		case 'accepted':
			return request.record(submission.request);
		case 'busy':
			await request.clear();
			throw new TryAgain('the provider is busy', submission.retryAfterSeconds);
		case 'refused':
			return request.refuse(submission.code);
		case 'unknown':
			// The webhook or the sweep asks the provider whether it took the request.
			return;
	}
}
