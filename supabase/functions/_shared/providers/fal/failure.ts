/** fal's words for what went wrong, turned into ours. Switches on `type`, never on the message. */
import { z } from 'zod';
import type { UndeliveredReason } from '../../domain/generation.ts';
import type { TrainingFailure } from '../../domain/failure.ts';
import type { FalError } from './client.ts';

const modelError = z.object({
	detail: z.array(z.object({ type: z.string() })).min(1),
});
const requestError = z.object({ error_type: z.string() });
const plainError = z.object({ detail: z.string() });

/** What an answer says is wrong: fal's own type, or `http_<status>` where it names none. */
export type FalFault = { type: string; status: number; retryable: boolean };

/** Worth asking for again: faults of theirs, and a download that a fresh signed URL may mend. */
const retryableTypes = new Set([
	'internal_server_error',
	'generation_timeout',
	'downstream_service_error',
	'downstream_service_unavailable',
	'no_media_generated',
	'file_download_error',
	'request_timeout',
	'startup_timeout',
	'runner_scheduling_failure',
	'runner_connection_timeout',
	'runner_connection_refused',
	'runner_connection_error',
	'runner_disconnected',
	'runner_incomplete_response',
	'runner_server_error',
	'internal_error',
]);

/** The fault of a request, or null when the answer is about us or about an outage of the door itself. */
export function faultOf(error: FalError): FalFault | null {
	const { status, body, headers } = error;
	if ([401, 402, 403, 429].includes(status)) return null;
	const named =
		modelError.safeParse(body).data?.detail[0]?.type ??
		requestError.safeParse(body).data?.error_type ??
		headers.get('x-fal-error-type');
	if (named) return fault(named, status, headers.get('x-fal-retryable'));
	// Endpoints that are not migrated answer a sentence instead of a list.
	if (plainError.safeParse(body).success || status < 500) return fault(`http_${status}`, status);
	return null;
}

export function fault(type: string, status: number, said: string | null = null): FalFault {
	const retryable = said === null ? retryableTypes.has(type) : said === 'true';
	return { type, status, retryable };
}

export function trainingFailureOf({ type, status }: FalFault): TrainingFailure {
	switch (type) {
		case 'archive_file_count_below_minimum':
			return 'too_few_photos';
		case 'invalid_archive':
		case 'image_load_error':
		case 'image_too_small':
		case 'image_too_large':
		case 'file_too_large':
		case 'unsupported_image_format':
			return 'photos_unreadable';
		case 'face_detection_error':
			return 'no_face';
		case 'generation_timeout':
		case 'request_timeout':
		case 'startup_timeout':
			return 'timed_out';
		case 'file_download_error':
		case 'client_cancelled':
		case 'client_disconnected':
			return 'unavailable';
		default:
			return status >= 500 ? 'unavailable' : 'refused';
	}
}

export function undeliveredReasonOf({ type, status }: FalFault): UndeliveredReason {
	switch (type) {
		case 'content_policy_violation':
			return 'flagged';
		case 'no_media_generated':
			return 'broken';
		case 'file_download_error':
		case 'client_cancelled':
		case 'client_disconnected':
			return 'unavailable';
		default:
			return status >= 500 ? 'unavailable' : 'refused';
	}
}
