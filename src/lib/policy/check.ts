/** The build stops when a text of the policy changed without a new version. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { policyDefects } from '../../../supabase/functions/_shared/domain/privacy/policy-defects.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The texts below this folder, by file. */
export function readTexts(): Map<string, string> {
	const folder = join(import.meta.dirname);
	return new Map(
		readdirSync(folder, { recursive: true, encoding: 'utf8' })
			.filter((name) => name.endsWith('.md'))
			.map((name) => [name.replaceAll('\\', '/'), readFileSync(join(folder, name), 'utf8')]),
	);
}

export const policyCheck = (): Plugin => ({
	name: 'policy-check',
	buildStart() {
		const defects = policyDefects(readTexts(), sha256);
		if (defects.length > 0) this.error(defects.join('\n'));
	},
});
