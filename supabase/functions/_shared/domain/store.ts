/** The database as the flow sees it: one method per SQL function of the schema `service`. */
import type { DeliveredHeadshot, StoredGeneration, Try, UndeliveredReason } from './generation.ts';
import type { InstantStore } from './instant.ts';
import type { Job } from './job.ts';
import type { MoneyStore } from './money-store.ts';
import type { WebhookEvent } from './webhook-event.ts';
import type { Photo } from './photo.ts';
import type { StoredObject } from './object-store.ts';
import type { MailTemplate } from './mail.ts';
import type { ProviderRequest } from './provider-request.ts';
import type {
	ErasurePreview,
	ErasureProgress,
	ErasureScope,
	ErasureStepKind,
	ErasureWork,
	ReceiptStage,
} from './privacy/erasure.ts';
import type { ProcessorId } from './privacy/processors.ts';
import type { Profile } from './profile.ts';
import type { StoredTraining } from './training.ts';
import type { TrainingFailure } from './failure.ts';
import type { FileNotes } from './object-store.ts';
import type { ReconciliationStore } from './reconciliation.ts';
import type { HeldRows } from './privacy/held-data.ts';

export type MailToSend = {
	email: string;
	name: string | null;
	template: MailTemplate;
	data: Record<string, string | number>;
	/** The same for every try, so that the mail service sends it once. */
	key: string;
	isSent: boolean;
};

type Others = InstantStore & MoneyStore & ReconciliationStore & FileNotes;

/**
 * Every method is safe to call twice. Expected refusals (PT4xx) are thrown as `Refusal`;
 * everything else that is thrown may be tried again.
 */
export type Store = Others & {
	/** Makes the database that of this profile, with these companies at work, these offers for sale, and no other. */
	applyProfile(
		profile: Profile,
		processors: readonly ProcessorId[],
		offers: readonly string[],
	): Promise<void>;
	/** Whether the person proved in this session, ten minutes ago at most, who they are. */
	isSessionFresh(ownerId: string, sessionId: string | null): Promise<boolean>;
	/** Stripe has been told of a correction. */
	recordCustomerUpdated(ownerId: string): Promise<void>;
	/** Name and address as they are now, for whoever the person is to Stripe: two pages open at once make two customers. */
	customersToUpdate(
		ownerId: string,
	): Promise<{ customerId: string; email: string; name: string | null }[]>;
	/** Everything that is held about a person. */
	readData(ownerId: string): Promise<HeldRows>;
	/** Permits one copy, for ten minutes; refuses whoever asks very often. Answers its id. */
	startExport(ownerId: string): Promise<string>;
	/** Uses the permission up: refuses 404 another's, 410 one that is used or late. */
	takeExport(ownerId: string, exportId: string): Promise<void>;

	photosToSeal(ownerId: string, shootId: string): Promise<Photo[]>;
	rejectPhotos(ownerId: string, shootId: string, photoIds: readonly string[]): Promise<void>;
	/** Seals these photos and no others, and plans the training, whose id it answers; for instant the portraits, and null. */
	sealPhotos(ownerId: string, shootId: string, photoIds: readonly string[]): Promise<string | null>;

	trainingWork(trainingId: string): Promise<StoredTraining>;
	/** True for the one caller that may submit. */
	beginTrainingSubmit(trainingId: string): Promise<boolean>;
	/** False when the training is not waiting for this request (any more): it is to be cancelled. */
	recordTrainingRequest(trainingId: string, request: ProviderRequest): Promise<boolean>;
	/** After a submit that was certainly not accepted. */
	clearTrainingSubmit(trainingId: string): Promise<void>;
	noteTrainingProgress(
		trainingId: string,
		position: number | null,
		percent: number | null,
	): Promise<void>;
	recordLora(trainingId: string, weights: StoredObject): Promise<void>;
	failTraining(trainingId: string, code: TrainingFailure): Promise<void>;

	/** Answers how many portraits were planned. */
	planHeadshots(
		ownerId: string,
		plan: { shootId: string; styleIds: readonly string[]; count: number; requestId: string },
	): Promise<number>;
	generationWork(generationId: string): Promise<StoredGeneration>;
	/** The work for the one caller that may submit (or, not permitted, has to give it up); else null. */
	beginGenerationSubmit(generationId: string): Promise<StoredGeneration | null>;
	/** As for a training. */
	recordGenerationRequest(of: Try, request: ProviderRequest): Promise<boolean>;
	clearGenerationSubmit(of: Try): Promise<void>;
	/** False when it was delivered already or is no longer wanted. */
	deliverHeadshot(of: Try, headshot: DeliveredHeadshot): Promise<boolean>;
	/** With `retry` the picture is asked for once more, with another seed, before the credit goes back. */
	failGeneration(of: Try, reason: UndeliveredReason, retry: boolean): Promise<void>;

	/** Stores the event and its job in one transaction. False when it was there already. */
	recordWebhookEvent(event: WebhookEvent): Promise<boolean>;
	/** Finishes the jobs that are done, then claims others. Finishing does nothing when the lease is no longer ours. */
	claimJobs(
		limit: number,
		leaseSeconds: number,
		generationCapacity: number,
		done: readonly Job[],
		instant: { limit: number; capacity: number; perMinute: number },
	): Promise<Job[]>;
	/** After the last try the job is dead, and what was paid for has gone back. */
	retryJob(
		job: Job,
		error: string,
		delaySeconds: number | null,
	): Promise<'retrying' | 'dead' | 'lost'>;
	extendLease(job: Job, leaseSeconds: number): Promise<void>;
	/** Enqueues what was lost or forgotten; answers how many jobs. */
	sweepDue(asOf: Date): Promise<number>;
	/** What somebody has to look at. Ids only. */
	alarms(asOf: Date): Promise<{ kind: string; detail: string }[]>;
	/** Marks photos and models whose time has come, up to `limit` of each, and enqueues the deletion of their files. */
	expireDue(limit: number, asOf: Date): Promise<number>;

	recordForgotten(requestId: string, evidence: unknown): Promise<void>;
	/** Of the portraits of a shoot that were delivered. */
	requestsToForget(shootId: string): Promise<string[]>;
	requestErasure(
		ownerId: string,
		erasure: { scope: ErasureScope; shootId: string | null; withRefund: boolean },
	): Promise<string>;
	erasurePreview(ownerId: string, shootId: string | null): Promise<ErasurePreview>;
	erasureWork(erasureId: string): Promise<ErasureWork>;
	/** What anybody with the id may know. */
	readErasure(erasureId: string): Promise<ErasureProgress>;
	completeErasureStep(erasureId: string, kind: ErasureStepKind, evidence: object): Promise<void>;
	/** A customer that was heard of only while the account's pages were closed. */
	recordErasureCustomer(erasureId: string, customerId: string): Promise<void>;
	/** Remembers which of Stripe's jobs makes a customer unreadable. */
	recordRedaction(customerId: string, redactionId: string): Promise<void>;
	noteErasureTrouble(erasureId: string, kind: ErasureStepKind, error: string): Promise<void>;
	/** A request whose answer was lost, found at the provider. */
	recordFoundRequest(
		erasureId: string,
		request: ProviderRequest,
		about: { trainingId: string } | { generationId: string },
	): Promise<void>;
	/** Answers the receipt that is kept: this one, or an earlier one of the same stage. */
	issueReceipt(
		erasureId: string,
		stage: ReceiptStage,
		jws: string,
		backupsGoneAt: Date | null,
	): Promise<string>;
	recordReceiptMailed(erasureId: string): Promise<void>;
	/** Whether a customer is nobody's here, and is to be deleted; their redaction is planned for then. */
	forgetPayer(
		customerId: string,
		email: string | null,
		redactableAt: Date | null,
	): Promise<boolean>;
	/** Of an account that was erased while it was paying. */
	isErasedPayment(sessionId: string): Promise<boolean>;
	/** Null: no payment came. */
	settleErasedPayment(
		sessionId: string,
		payment: { paymentIntentId: string; charged: number; refunded: number } | null,
	): Promise<void>;
	/** Takes up what was lost; answers the erasures that are late. */
	sweepErasures(
		asOf: Date,
	): Promise<{ erasureId: string; daysLeft: number; openSteps: string[] }[]>;

	mailToSend(mailId: string): Promise<MailToSend>;
	recordMailSent(mailId: string): Promise<void>;
};
