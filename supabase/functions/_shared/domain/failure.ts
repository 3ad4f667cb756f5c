/**
 * Why a training or a portrait did not come about, in words for the person. Codes are ours:
 * a vendor's words stop in its provider folder, and a code nobody knows reads as `unavailable`.
 */
import type { UndeliveredReason } from './generation.ts';

export const trainingFailures = {
	too_few_photos: {
		what: 'Too few of your photos could be used.',
		next: 'Add photos that show only you, sharp and well lit, then start again.',
	},
	photos_unreadable: {
		what: 'Some of your photos could not be opened.',
		next: 'Take those photos out, add others, then start again.',
	},
	no_face: {
		what: 'No face could be found in some of your photos.',
		next: 'Use photos in which your face is clear and not covered, then start again.',
	},
	refused: {
		what: 'The training service did not accept these photos.',
		next: 'Choose other photos that show only you, then start again.',
	},
	timed_out: {
		what: 'The training took longer than it may.',
		next: 'Start again with the same photos.',
	},
	unconfirmed: {
		what: 'We could not confirm that the training had started.',
		next: 'Start again with the same photos.',
	},
	lost: {
		what: 'The training finished, but its result was no longer there to fetch.',
		next: 'Start again with the same photos.',
	},
	not_permitted: {
		what: 'The training was stopped because a consent it needs is missing, or the use of your data is switched off.',
		next: 'Change that under Account, Privacy, if you want to go on.',
	},
	/** By the person's own wish, while it was being made. */
	model_deleted: {
		what: 'You deleted the private model before it had made a portrait.',
		next: 'Start again with the same photos, if you want to.',
	},
	/** The one failure of a shoot that comes after its training. */
	no_portraits: {
		what: 'None of the portraits could be delivered.',
		next: 'Their credits are back: choose styles and make them again.',
	},
	unavailable: {
		what: 'The training service had a fault.',
		next: 'Start again with the same photos; a little later if it happens twice.',
	},
} as const satisfies Record<string, FailureWords>;

export type FailureWords = { what: string; next: string };
export type TrainingFailure = keyof typeof trainingFailures;

export const undeliveredReasons = {
	flagged: {
		what: 'The safety check held this portrait back.',
		next: 'Its credit is back in your account.',
	},
	declined: {
		what: 'The portrait service’s safety check did not accept the photos.',
		next: 'Its credit is back in your account; other photos may do better.',
	},
	no_picture: {
		what: 'The portrait service answered twice without a picture.',
		next: 'Its credit is back in your account.',
	},
	photos_gone: {
		what: 'The photos were deleted before this portrait was made.',
		next: 'Its credit is back in your account.',
	},
	broken: {
		what: 'The picture that came back was damaged.',
		next: 'Its credit is back in your account.',
	},
	refused: {
		what: 'The portrait service did not accept this request.',
		next: 'Its credit is back in your account.',
	},
	unavailable: {
		what: 'The portrait service had a fault.',
		next: 'Its credit is back in your account.',
	},
	not_permitted: {
		what: 'This portrait was stopped because a consent it needs is missing, or the use of your data is switched off.',
		next: 'Its credit is back in your account.',
	},
} as const satisfies Record<UndeliveredReason, FailureWords>;

const isKeyOf = <T extends object>(table: T, key: PropertyKey): key is keyof T =>
	Object.hasOwn(table, key);

export function trainingFailure(code: string): TrainingFailure {
	return isKeyOf(trainingFailures, code) ? code : 'unavailable';
}

export function undeliveredReason(code: string): UndeliveredReason {
	return isKeyOf(undeliveredReasons, code) ? code : 'unavailable';
}
