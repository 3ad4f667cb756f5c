/** The running stack as the proofs see it. People and their clicks come from tests/flow/world.ts. */
import postgres from 'postgres';
import { inject } from 'vitest';
import type { Stack as WholeStack } from '../sandbox/stack.ts';

export type Proven = Pick<
	WholeStack,
	'profile' | 'base' | 'urls' | 'keys' | 'env' | 'databaseUrl' | 'dataDir'
>;

export type Stack = Proven & Pick<WholeStack, 'sql'>;

/** Call once a file, at its top; a file's proofs make people of their own. */
export function theStack(): Stack {
	const proven = inject('proven');
	return { ...proven, sql: postgres(proven.databaseUrl, { onnotice: () => undefined }) };
}
