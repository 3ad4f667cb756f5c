/** What a door says when it says no, and what it says to the log. */
import { Refusal, type RefusalBody } from '../domain/refusal.ts';
import { Overloaded } from './pressure.ts';
import { DoorClosed } from './services.ts';

export function asRefusal(error: unknown): Refusal {
	if (error instanceof Refusal) return error;
	if (error instanceof DoorClosed)
		return new Refusal(
			'provider_unavailable',
			503,
			'This part is not open at the moment.',
			'Try again later; nothing was charged.',
		);
	if (error instanceof Overloaded)
		return new Refusal(
			'provider_unavailable',
			503,
			'There is more to do here than can be done at once.',
			'Nothing was noted: ring again.',
		);
	return new Refusal(
		'unexpected',
		500,
		'Something went wrong on our side.',
		'Try again in a moment; nothing is lost, and nothing is charged twice.',
	);
}

export function bodyOf({ code, message, hint, details }: Refusal): RefusalBody {
	return { error: { code, message, hint, ...(details === undefined ? {} : { details }) } };
}

export function nameOf(error: unknown): string {
	return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'unknown';
}
