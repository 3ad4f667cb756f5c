/** Work: claims due jobs, runs each as its step, and finishes, retries or gives up. */
import { type Job, type Task, taskSchema } from '../domain/job.ts';
import { Refusal } from '../domain/refusal.ts';
import { settleCheckout, updateCustomer } from './checkout.ts';
import { deleteObjects, forgetRequest } from './deletion.ts';
import type { Deps } from './deps.ts';
import { redactCustomer } from './erasure-money.ts';
import { erase } from './erasure.ts';
import { collectGeneration, submitGeneration } from './generation.ts';
import { makePortrait } from './instant.ts';
import { sendMail } from './mail.ts';
import { hasPassed, pace } from './pace.ts';
import { settleInvoice, settleSubscription } from './plan.ts';
import { sendRefund, settleDispute, settleRefund } from './refund.ts';
import { collectTraining, startTraining } from './training.ts';
import { TryAgain } from './try-again.ts';
import { passOn, pauseOf, secondsUntilOpen } from './waiting.ts';

/** To be called by whoever enqueued something: the cron is the safety net, never the pace. */
export function kick(deps: Deps): void {
	deps.inBackground(work(deps));
}

type Loop = { isRung: boolean; wake(): void };

/** One loop an instance: whoever kicks while it runs rings it, so that jobs do not crowd one processor. */
const loops = new WeakMap<Deps, Loop>();

/**
 * Runs due jobs, a few at a time, until none is left or this invocation has done its share;
 * then a fresh instance goes on. Never throws: what fails here is found again by its lease.
 */
export async function work(deps: Deps): Promise<void> {
	const other = loops.get(deps);
	if (other) {
		other.isRung = true;
		other.wake();
		return;
	}
	const loop: Loop = { isRung: false, wake: () => undefined };
	loops.set(deps, loop);
	const began = deps.clock.now();
	const running = new Set<Promise<void>>();
	/** Done, and finished in the database together with the next claim. */
	const done: Job[] = [];
	let taken = 0;
	let portraits = 0;
	const start = (job: Job) => {
		const isPortrait = job.kind === 'make_portrait';
		if (isPortrait) portraits += 1;
		const run: Promise<void> = runJob(deps, job, done).finally(() => {
			running.delete(run);
			if (isPortrait) portraits -= 1;
		});
		running.add(run);
	};
	for (;;) {
		loop.isRung = false;
		const share = pace.jobsPerInvocation - taken;
		const room = Math.min(pace.parallelJobs - (running.size - portraits), share);
		const forPortraits = Math.min(pace.parallelPortraits - portraits, share);
		const hasRoom = room > 0 || forPortraits > 0;
		const jobs = hasRoom ? await claim(deps, Math.max(room, 0), forPortraits, done) : [];
		taken += jobs?.length ?? 0;
		for (const job of jobs ?? []) start(job);
		if (taken >= pace.jobsPerInvocation) break;
		if (hasPassed(began, pace.invocation, deps.clock.now())) break;
		// Also what ended while we claimed: it may have planned more.
		const isMore = () => jobs !== null && (loop.isRung || (hasRoom && done.length > 0));
		if (isMore()) continue;
		// Asked only when nothing but portraits is waited for.
		const opensIn = running.size === portraits ? await secondsUntilOpen(deps) : null;
		// Whoever rang while we asked was told that this loop goes on.
		if (isMore()) continue;
		if (running.size === 0 && opensIn === null) {
			loops.delete(deps);
			return;
		}
		const rung = new Promise<void>((resolve) => (loop.wake = resolve));
		const open = pauseOf(opensIn, began, deps.clock.now());
		await Promise.race([...running, rung, open.over]);
		open.cancel();
	}
	loops.delete(deps);
	// At once, so that nothing waits for our last jobs; and after them, for what they have planned.
	await Promise.all([...running, passOn(deps)]);
	await claim(deps, 0, 0, done);
	await passOn(deps);
}

/** Null when the database could not be asked: what is done is then finished with the next claim, or run again. */
async function claim(
	deps: Deps,
	room: number,
	forPortraits: number,
	done: Job[],
): Promise<Job[] | null> {
	const finishing = done.splice(0);
	try {
		return await deps.store.claimJobs(room, pace.lease, deps.engine.inFlight, finishing, {
			limit: forPortraits,
			...deps.engine.instant,
		});
	} catch (error) {
		done.push(...finishing);
		deps.log.error('work.not_claimed', { reason: reasonOf(error) });
		return null;
	}
}

async function runJob(deps: Deps, job: Job, done: Job[]): Promise<void> {
	const fields = { job: job.id, kind: job.kind, attempt: job.attempt };
	const end = deps.clock.every(pace.lease / 3, () => {
		deps.store.extendLease(job, pace.lease).catch((error: unknown) => {
			deps.log.error('job.lease_not_extended', { ...fields, reason: reasonOf(error) });
		});
	});
	try {
		const about = { request: job.requestId, shoot: job.shootId };
		if (await deps.trace.run(about, () => attempt(deps, job))) done.push(job);
	} catch (error) {
		deps.log.error('job.not_settled', { ...fields, reason: reasonOf(error) });
	} finally {
		end();
	}
}

/** False for a job that is tried again, or given up. */
async function attempt(deps: Deps, job: Job): Promise<boolean> {
	const fields = { job: job.id, kind: job.kind, attempt: job.attempt };
	try {
		// A worker died with the last try in its hands.
		if (job.attempt > job.maxAttempts) throw new Error('no try is left');
		await step(deps, taskSchema.parse(job));
		deps.log.info('job.done', fields);
		return true;
	} catch (error) {
		if (error instanceof Refusal && error.status < 500) {
			deps.log.info('job.refused', { ...fields, code: error.code });
			return true;
		}
		const reason = reasonOf(error);
		const fate = await deps.store.retryJob(job, reason, delayOf(error, job));
		if (fate === 'dead') deps.log.error('job.dead', { ...fields, reason });
		else deps.log.info('job.retry', { ...fields, fate, reason });
		return false;
	}
}

/** Null: the store's own growing delay. A provider that named a pause gets at least that one. */
function delayOf(error: unknown, job: Job): number | null {
	if (!(error instanceof TryAgain) || error.afterSeconds === null) return null;
	return Math.max(error.afterSeconds, Math.min(2 ** job.attempt, pace.longestPause));
}

function step(deps: Deps, task: Task): Promise<unknown> {
	switch (task.kind) {
		case 'settle_checkout':
			return settleCheckout(deps, task.payload.session_id);
		case 'settle_refund':
			return settleRefund(deps, task.payload.payment_intent_id);
		case 'settle_subscription':
			return settleSubscription(deps, task.payload.subscription_id);
		case 'settle_invoice':
			return settleInvoice(deps, task.payload.invoice_id);
		case 'settle_dispute':
			return settleDispute(deps, task.payload.dispute_id);
		case 'send_refund':
			return sendRefund(deps, task.payload.refund_id);
		case 'end_subscription':
			return deps.payments.endPlan(task.payload.subscription_id);
		case 'start_training':
			return startTraining(deps, task.payload.training_id);
		case 'collect_training':
			return collectTraining(deps, task.payload.training_id, task.payload.request_id);
		case 'submit_generation':
			return submitGeneration(deps, task.payload.generation_id);
		case 'collect_generation':
			return collectGeneration(deps, task.payload.generation_id, task.payload.request_id);
		case 'make_portrait':
			return makePortrait(deps, task.payload.generation_id);
		case 'forget_request':
			return forgetRequest(deps, task.payload.request_id, task.payload.running_at);
		case 'delete_objects':
			return deleteObjects(deps, task.payload.bucket, task.payload.keys);
		case 'send_mail':
			return sendMail(deps, task.payload.mail_id);
		case 'update_customer':
			return updateCustomer(deps, task.payload.owner_id);
		case 'erase':
			return erase(deps, task.payload.erasure_id);
		case 'redact_customer':
			return redactCustomer(deps, task.payload.customer_id, task.payload.redaction_id);
	}
}

function reasonOf(error: unknown): string {
	return (error instanceof Error ? `${error.name}: ${error.message}` : 'unknown').slice(0, 300);
}
