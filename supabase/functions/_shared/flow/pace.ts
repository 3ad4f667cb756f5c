/** Every delay, deadline and batch size of the flow. Seconds unless the name says otherwise. */
export const pace = {
	/** How long a job is ours without a word; longer ones extend it while they run. */
	lease: 120,
	/** Jobs at a time in one invocation: they mostly wait for others. */
	parallelJobs: 6,
	/** Jobs of one invocation: a hosted function has 2 s of CPU, developing a portrait takes about 0.15 s. */
	jobsPerInvocation: 12,
	/** Beside them: portraits that are waited for, 15 to 40 s each. For more than these a fresh instance is asked. */
	parallelPortraits: 6,
	/** Pictures that are decoded, marked and stored at a time: each is in memory several times meanwhile. */
	parallelDeveloping: 2,
	/** A portrait takes 15 to 40 s there; one that was begun last must end before a hosted function does. */
	instantAnswer: 55,
	/** Between the tries to keep what has come and would have to be paid for again. */
	inHand: [1, 2, 4, 8],
	/** No new job is taken after this; a hosted function lives 150 s. */
	invocation: 75,
	/** A runner that has nothing else to do waits so long for a job's next try; a longer one is the cron's. */
	patience: 10,
	/** Between two looks at whether portraits may be sent, ms: another runner may have taken the place. */
	shortestWaitMs: 50,
	/** Photos that one sweep takes at a time: five deletions of a thousand, as many as run side by side. */
	expiryBatch: 5000,
	/** A provider that stays busy is asked at ever longer intervals, at most this one. */
	longestPause: 300,
	/** fal keeps a result for an hour; its own queue and retries come before that. */
	trainingDeadline: 2 * 3600,
	generationDeadline: 3600,
	/**
	 * Sent, but no answer: so long we go on looking for it at the provider, then it has failed.
	 * fal lists a request only when it has ended, so a run must have had its time.
	 */
	trainingUnconfirmed: 3600,
	generationUnconfirmed: 900,
	/** How long a request that was stopped is left alone before it is asked after again. */
	stopped: 15,
	/** Stripe validates within the hour, and redacts within a week. */
	redaction: 3600,
	/** Deletions at a provider, of one erasure: at once, and in one invocation. */
	parallelForgets: 24,
	forgetsPerRun: 120,
	/** Signed URLs must outlive the provider's queue and its retries. */
	datasetUrl: 6 * 3600,
	loraUrl: 6 * 3600,
	/** Thumbnails of a page that stays open, and one picture at a time. */
	sheetUrl: 3600,
	pictureUrl: 5 * 60,
	/** The web app fetches a person's copy with them, at the pace of the person's line. */
	exportUrl: 3600,
	loraUrlReuse: 1800,
	/** How often the books of others are compared with ours. */
	drill: 90,
	/** Work that is due and has waited this long: something is wrong. */
	notReady: 600,
	/** How long whoever watches waits for the database; the web app's own patience with it is a second longer. */
	watcherMs: 2000,
	/** Files: how often a turn, how many in it, and how old one must be to be judged. */
	strayTurn: 900,
	lossTurn: 900,
	integrityTurn: 900,
	filesPerTurn: 2000,
	portraitsPerAudit: 25,
	strayGrace: 24 * 3600,
	paymentBooks: 600,
	providerBooks: 900,
	/** Looked at once more, so that nothing falls between two turns. */
	booksOverlap: 3600,
	/** A payment page is open for a day; who pays at its last minute is listed by when it was opened. */
	checkoutLife: 25 * 3600,
	/** An event that is younger may still be on its way to us. */
	unheard: 300,
	/** Pages of a list in one turn. */
	pagesPerTurn: 20,
} as const;

/** Largest files we take from a provider, bytes; the buckets have the same limits. */
export const largestFile = {
	weights: 1_000_000_000,
	portrait: 25_000_000,
	/** A portrait in base64, and what is said about it. */
	instantAnswer: 40_000_000,
} as const;

export function hasPassed(since: Date | null, seconds: number, now: Date): boolean {
	return since !== null && now.getTime() - since.getTime() > seconds * 1000;
}
