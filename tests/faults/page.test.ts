/** docs/faults.md and the table of faults say the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faults } from './faults.ts';

test('docs/faults.md has a row for every fault, in its own words', () => {
	const page = readFileSync(join(import.meta.dirname, '../../docs/faults.md'), 'utf8');
	const rows = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
	for (const { name, what, keeps } of faults)
		expect(rows).toContainEqual(['', name, what, keeps.join(', '), '']);
});
