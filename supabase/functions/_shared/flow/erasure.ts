/**
 * Erasure: what lies outside the database, step by step, until each has its evidence. A returned error is a
 * failure, and what failed is tried again until it is done. Whatever two runs do at once is done once.
 */
import type { ErasureStep, ErasureStepKind, ErasureWork } from '../domain/privacy/erasure.ts';
import { receiptOf } from '../domain/privacy/receipt.ts';
import type { ReceiptStage } from '../domain/privacy/erasure.ts';
import type { Deps } from './deps.ts';
import { closeCheckouts, forgetCustomers, giveBackUnused } from './erasure-money.ts';
import { eraseFiles, placeTombstones } from './erasure-files.ts';
import { forgetRequests } from './erasure-provider.ts';
import { pace } from './pace.ts';
import { TryAgain } from './try-again.ts';

/** Goes on with an erasure as far as it can now: steps, receipt, mail, and one day the final receipt. */
export async function erase(deps: Deps, erasureId: string): Promise<void> {
	let work = await deps.store.erasureWork(erasureId);
	if (work.activeErasedAt === null) {
		await destroy(deps, work);
		work = await deps.store.erasureWork(erasureId);
		const open = work.steps.filter(({ doneAt }) => doneAt === null).map(({ kind }) => kind);
		if (open.length > 0)
			throw new TryAgain(
				`open: ${open.join(', ')}`,
				open.every((kind) => kind === 'provider') ? pace.stopped : null,
			);
		const jws = await issue(deps, work, 'active_erased');
		return mailReceipt(deps, work, jws);
	}
	const receipt = work.receipts.find(({ stage }) => stage === 'active_erased');
	if (receipt) await mailReceipt(deps, work, receipt.jws);
	const isFinal = work.receipts.some(({ stage }) => stage === 'final');
	if (!isFinal && work.backupsGoneAt !== null && work.backupsGoneAt <= deps.clock.now())
		await issue(deps, work, 'final');
}

/** The sign-in goes last, once nothing of ours is left that it could lead to; no provider's outage keeps it. */
async function destroy(deps: Deps, work: ErasureWork): Promise<void> {
	const { ownerId } = work;
	if (ownerId === null) throw new Error('an erasure of nobody that is not done');
	const step = async (kind: ErasureStepKind, act: (step: ErasureStep) => Promise<object>) => {
		const found = work.steps.find((one) => one.kind === kind);
		if (found === undefined || found.doneAt !== null) return true;
		try {
			await deps.store.completeErasureStep(work.id, kind, await act(found));
			return true;
		} catch (error) {
			const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
			deps.log.error('erasure.step_failed', {
				erasure: work.id,
				step: kind,
				reason: reason.slice(0, 300),
			});
			await deps.store.noteErasureTrouble(work.id, kind, reason);
			return false;
		}
	};
	const money = async () =>
		(await step('checkout', ({ plan }) => closeCheckouts(deps, work, plan))) &&
		(await step('refund', ({ plan }) => giveBackUnused(deps, work.id, plan))) &&
		(await step('stripe', () => forgetCustomers(deps, work.id)));
	const account = async () => {
		const [areFilesGone, isMarked] = await Promise.all([
			step('files', ({ plan }) => eraseFiles(deps, { ...work, ownerId }, plan)),
			step('tombstone', ({ plan }) => placeTombstones(deps, work, plan)),
		]);
		if (areFilesGone && isMarked)
			await step('sign_in', async () => (await deps.accounts.delete(ownerId)).evidence);
	};
	await Promise.all([
		account(),
		step('provider', ({ plan }) => forgetRequests(deps, work, plan)),
		money(),
	]);
}

async function issue(deps: Deps, work: ErasureWork, stage: ReceiptStage): Promise<string> {
	const now = deps.clock.now();
	const backupsGoneAt =
		work.backupsGoneAt ?? new Date(now.getTime() + deps.backupDays * 86_400_000);
	const jws = await deps.signReceipt(
		receiptOf(work, stage, { issuer: deps.addresses.site, now, backupsGoneAt }),
	);
	return deps.store.issueReceipt(work.id, stage, jws, backupsGoneAt);
}

/** The receipt says that the account is gone, so it comes after it: the address is kept for this, and no longer. */
async function mailReceipt(deps: Deps, work: ErasureWork, jws: string): Promise<void> {
	const { address } = work;
	if (address === null) return;
	await deps.mailer.send({
		to: address,
		name: null,
		template: 'erased',
		data: { erasure_id: work.id },
		idempotencyKey: `erased-${work.id}`,
		attachment: { name: `erasure-receipt-${work.id.slice(0, 8)}.jws`, text: jws },
	});
	await deps.store.recordReceiptMailed(work.id);
}

/** Takes up what was lost, and rings the bell for what is late: from half of its time on, once a day. */
export async function watchErasures(deps: Deps): Promise<void> {
	for (const { erasureId, daysLeft, openSteps } of await deps.store.sweepErasures(
		deps.clock.now(),
	)) {
		const steps = openSteps.join(', ');
		deps.log.error('erasure.late', { erasure: erasureId, days_left: daysLeft, open: steps });
		if (deps.operatorMail === null) continue;
		try {
			await deps.mailer.send({
				to: deps.operatorMail,
				name: null,
				template: 'erasure_late',
				data: { erasure_id: erasureId, days_left: daysLeft, steps },
				idempotencyKey: `erasure-late-${erasureId}-${daysLeft}`,
			});
		} catch (error) {
			// The log has said it, and tomorrow it is tried again.
			const reason = error instanceof Error ? error.message : 'unknown';
			deps.log.error('erasure.alarm_not_mailed', { erasure: erasureId, reason });
		}
	}
}
