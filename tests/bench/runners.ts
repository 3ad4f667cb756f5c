import type { Stack } from '../sandbox/stack.ts';

/** Claiming waits for this lock: until `stop` no job runs. */
export async function holdRunners({ sql }: Stack): Promise<{ stop(): Promise<void> }> {
	const line = await sql.reserve();
	await line`select pg_advisory_lock(hashtext('service.claim_jobs'))`;
	return {
		async stop() {
			await line`select pg_advisory_unlock(hashtext('service.claim_jobs'))`;
			line.release();
		},
	};
}
