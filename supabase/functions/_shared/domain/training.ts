/** One fine-tuning run, and what the provider may answer about it. */
import type { ProviderRequest } from './provider-request.ts';
import type { Photo } from './photo.ts';

export type TrainingStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** Everything a step of the training needs, read in one call. */
export type TrainingWork = {
	id: string;
	ownerId: string;
	shootId: string;
	status: TrainingStatus;
	triggerPhrase: string;
	endpoint: string;
	steps: number;
	datasetKey: string;
	loraKey: string;
	photos: Photo[];
	/** Set before the submit leaves; with no `request` beside it, the answer was lost. */
	submittedAt: Date | null;
	request: ProviderRequest | null;
	/** False when a consent this work needs is missing or withdrawn, or the account is going. */
	isPermitted: boolean;
};

/** What the database knows of it; endpoint and steps are configuration. */
export type StoredTraining = Omit<TrainingWork, 'endpoint' | 'steps'>;

export type TrainingOutcome =
	| { kind: 'waiting'; position: number | null }
	| { kind: 'running'; percent: number | null }
	| { kind: 'succeeded'; weightsUrl: string; bytes: number | null }
	| { kind: 'failed'; code: string; detail: string; retryable: boolean }
	/** The provider no longer has the result. */
	| { kind: 'gone' };
