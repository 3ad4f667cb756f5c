import type { Engine } from '../domain/engine.ts';
import type { InstantGenerator } from '../domain/instant.ts';
import type { Marker } from '../domain/marking.ts';
import type {
	Clock,
	FileFetcher,
	ImageGenerator,
	Log,
	Mailer,
	ObjectStore,
	Payments,
	Pictures,
	ProviderEraser,
	Store,
	Trace,
	Trainer,
	Zip,
} from '../domain/ports.ts';
import type { Accounts, ReceiptSigner } from '../domain/privacy/erasure.ts';
import type { ProviderBooks } from '../domain/reconciliation.ts';
import type { Settings } from '../domain/settings.ts';

/** Everything a step may need; `runtime/services.ts` puts the real ones together. */
export type Deps = {
	clock: Clock;
	log: Log;
	/** What the profile's file says. */
	settings: Settings;
	trace: Trace;
	store: Store;
	objects: ObjectStore;
	accounts: Accounts;
	signReceipt: ReceiptSigner;
	/** How long a backup of the database may hold what was deleted from it. */
	backupDays: number;
	/** Who hears of an erasure that is late; null: only the log. */
	operatorMail: string | null;
	payments: Payments;
	trainer: Trainer;
	generator: ImageGenerator;
	instant: InstantGenerator;
	eraser: ProviderEraser;
	books: ProviderBooks;
	files: FileFetcher;
	mailer: Mailer;
	pictures: Pictures;
	mark: Marker;
	zip: Zip;
	engine: {
		trainer: string;
		trainerSteps: number;
		generator: string;
		/** Generations submitted and unfinished at most: keeps the provider's queue filled, not flooded. */
		inFlight: number;
		/** Of the generator that answers at once, for all runners together; 0 while its door is closed. */
		instant: { capacity: number; perMinute: number };
	};
	/** Throws when the company that does this engine's work cannot be reached from here. */
	mustRun(engine: Engine): void;
	addresses: {
		site: string;
		falWebhook: string;
	};
	/** Asks a fresh instance to go on with the jobs that are due. */
	passOn(): Promise<void>;
	/** Lets work go on after the answer has been sent. */
	inBackground(work: Promise<void>): void;
};
