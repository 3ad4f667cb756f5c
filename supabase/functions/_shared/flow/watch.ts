/** Watching: what somebody has to look at goes to the log at every sweep, and to the operator's mail once a day. */
import type { Deps } from './deps.ts';

/** Lines of one mail; the rest is in the log. */
const LINES = 40;

export async function watch(
	deps: Pick<Deps, 'store' | 'log' | 'mailer' | 'clock' | 'operatorMail'>,
): Promise<void> {
	const now = deps.clock.now();
	for (const { kind, detail } of await deps.store.alarms(now))
		deps.log.error('alarm', { kind, detail });
	if (deps.operatorMail === null) return;
	const due = await deps.store.alarmsToMail(now);
	if (due.length === 0) return;
	const lines = due.slice(0, LINES).map(({ kind, detail }) => `${kind}: ${detail}`);
	try {
		await deps.mailer.send({
			to: deps.operatorMail,
			name: null,
			template: 'alarms',
			data: { count: due.length, lines: lines.join('\n') },
			idempotencyKey: `alarms-${now.toISOString()}`,
		});
	} catch (error) {
		// The log has said it, and goes on saying it.
		const reason = error instanceof Error ? error.message : 'unknown';
		deps.log.error('alarm.not_mailed', { reason: reason.slice(0, 300) });
	}
}
