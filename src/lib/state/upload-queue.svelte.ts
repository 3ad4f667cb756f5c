/** The photos of one shoot on this page: prepared on the device, then sent, four at a time. */
import { refusalWords, type Preparation, type Words } from '$lib/photo-prep/preparation.ts';
import { areSimilar } from '$lib/photo-prep/similarity.ts';
import { Frame, type UploadedPhoto } from './frame.svelte.ts';
import { type PhotoDoor, sendPhoto, UploadProblem } from './photo-door.ts';

const uploadsAtOnce = 4;
const triesAtMost = 5;
const firstPauseMs = 1000;

type Preparer = { prepare(file: File): Promise<Preparation> };

export class UploadQueue {
	frames = $state.raw<readonly Frame[]>([]);
	/** Files beyond what a sheet holds. They move up when one before them is not used, and go when others are added. */
	leftOut = $state.raw<readonly File[]>([]);
	/** Why the last removal did not happen. */
	problem = $state.raw<Words | null>(null);
	isOnline = $state(true);
	#uploading = 0;
	#nextNumber: number;
	/** Outcomes are judged in the order of the frames, so that of two equal photos the first one stays. */
	#judged: Promise<void> = Promise.resolve();
	readonly #preparer: Preparer;
	readonly #door: PhotoDoor;
	/** How many photos the shoot needs, and how many it takes. */
	readonly counts: { min: number; max: number };

	constructor(
		preparer: Preparer,
		door: PhotoDoor,
		uploaded: readonly UploadedPhoto[],
		counts: { min: number; max: number },
	) {
		this.#preparer = preparer;
		this.#door = door;
		this.counts = counts;
		this.frames = uploaded.map((photo, index) => Frame.ofUploaded(index + 1, photo));
		this.#nextNumber = uploaded.length + 1;
	}

	/** Frames that are used or will be, of at most `counts.max`. */
	get counted(): number {
		return this.frames.filter((frame) => frame.isCounted).length;
	}

	count(kind: Frame['state']['kind']): number {
		return this.frames.filter(({ state }) => state.kind === kind).length;
	}

	/** Nothing is on its way or waiting for it. */
	get isSettled(): boolean {
		return this.count('preparing') + this.count('waiting') + this.count('uploading') === 0;
	}

	/** Takes as many as there is room for; the rest stands in `leftOut`. */
	add(files: readonly File[]): void {
		this.leftOut = files;
		this.#fillUp();
	}

	/** The person wants a photo that was set aside, or tries one again. False when the sheet is full. */
	use(frame: Frame): boolean {
		if (!frame.isCounted && this.counted >= this.counts.max) return false;
		frame.state = { kind: 'waiting' };
		this.#sendNext();
		return true;
	}

	/** Takes a photo off the sheet, and off the server if it is there; when that fails it stays and says so. */
	async remove(frame: Frame): Promise<void> {
		frame.isLeaving = true;
		this.problem = null;
		// First: bytes that arrive after their row is gone would be nobody's.
		frame.stopSending();
		try {
			if (frame.photoId) await this.#door.remove(frame.photoId);
			this.#takeOff(frame);
		} catch (problem) {
			if (!(problem instanceof UploadProblem)) throw problem;
			frame.isLeaving = false;
			this.problem = problem.words;
		}
	}

	/** The server looked at the stored photos and took these out again. */
	refuse(unfit: readonly (Words & { id: string })[]): void {
		for (const { id, reason, advice } of unfit) {
			this.frames.find(({ photoId }) => photoId === id)?.refuse({ reason, advice });
		}
	}

	/** Call when the browser says that it has a network, or has none. */
	setOnline(isOnline: boolean): void {
		this.isOnline = isOnline;
		this.#sendNext();
	}

	close(): void {
		for (const frame of this.frames) frame.drop();
	}

	#fillUp(): void {
		const room = Math.max(0, this.counts.max - this.counted);
		const taken = this.leftOut.slice(0, room);
		this.leftOut = this.leftOut.slice(room);
		for (const file of taken) {
			const frame = new Frame(this.#nextNumber++, file.name);
			this.frames = [...this.frames, frame];
			this.#prepare(frame, file);
		}
	}

	#prepare(frame: Frame, file: File): void {
		const preparation = this.#preparer.prepare(file);
		this.#judged = this.#judged.then(async () => {
			this.#judge(frame, await preparation);
			this.#fillUp();
			this.#sendNext();
		});
	}

	#judge(frame: Frame, outcome: Preparation): void {
		if (frame.isDropped) return;
		if (outcome.kind === 'refused') {
			frame.refuse(refusalWords[outcome.reason]);
			return;
		}
		const others = this.frames.filter((other) => other !== frame);
		const twin = others.find(({ sha256 }) => sha256 === outcome.sha256);
		const isSimilar = others.some(
			({ prepared, isCounted }) =>
				prepared && isCounted && areSimilar(prepared.likeness, outcome.likeness),
		);
		const advice = outcome.advice[0] ?? (isSimilar ? 'similar' : undefined);
		frame.keep(outcome);
		// The one that never came last time: here it is.
		const isReturning = twin?.state.kind === 'failed' && twin.prepared === null;
		if (twin && isReturning) this.#takeOff(twin);
		if (twin && !isReturning) frame.refuse(refusalWords.same);
		else if (advice && !isReturning) frame.setAside(advice);
		else frame.state = { kind: 'waiting' };
	}

	#takeOff(frame: Frame): void {
		frame.drop();
		this.frames = this.frames.filter((other) => other !== frame);
	}

	#sendNext(): void {
		while (this.isOnline && this.#uploading < uploadsAtOnce) {
			const frame = this.frames.find(({ state }) => state.kind === 'waiting');
			if (!frame) return;
			this.#uploading++;
			frame.state = { kind: 'uploading', sent: 0 };
			void this.#send(frame).finally(() => {
				this.#uploading--;
				this.#sendNext();
			});
		}
	}

	async #send(frame: Frame): Promise<void> {
		for (let tries = 1; !frame.isDropped; tries++) {
			try {
				await this.#sendOnce(frame);
				frame.state = { kind: 'uploaded' };
				return;
			} catch (problem) {
				if (!(problem instanceof UploadProblem)) throw problem;
				if (!this.isOnline) {
					frame.state = { kind: 'waiting' };
					return;
				}
				if (!problem.mayRetry || tries >= triesAtMost) {
					frame.state = { kind: 'failed', words: problem.words, canRetry: true };
					return;
				}
			}
			await new Promise((done) => setTimeout(done, firstPauseMs * 2 ** (tries - 1)));
		}
	}

	/** Every try begins with the question: an upload whose answer was lost is not sent again. */
	async #sendOnce(frame: Frame): Promise<void> {
		const { prepared, signal } = frame;
		if (!prepared) return;
		const { id, upload } = await this.#door.open(prepared, frame.name);
		frame.photoId = id;
		// Removed while the question was on its way: the row came after, and goes too.
		if (frame.isDropped) return this.#door.remove(id);
		if (upload === null) return;
		await sendPhoto(upload, prepared.photo, signal, (sent) => {
			if (!frame.isDropped) frame.state = { kind: 'uploading', sent };
		});
		await this.#door.record(id);
	}
}
