/** Every promise has a row in docs/privacy.md, and a proof with its number or a duty shown to the operator. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const numbers = Array.from({ length: 60 }, (_, at) => `P-${String(at + 1).padStart(2, '0')}`);

const titles = readdirSync(import.meta.dirname)
	.filter((file) => file.endsWith('.test.ts') && file !== 'meta.test.ts')
	.flatMap((file) => [
		...read(`tests/promises/${file}`).matchAll(
			/\b(?:test|describe)(?:\.each\([^)]*\)|\.sequential)?\(\s*['"`](P-\d\d(?:, P-\d\d)*) · /g,
		),
	])
	.flatMap((match) => (match[1] ?? '').split(', '));

const rows = new Map(
	read('docs/privacy.md')
		.split('\n')
		.flatMap((line) => {
			const [, number, , , proof] = line.split('|').map((cell) => cell.trim());
			return number && /^P-\d\d$/.test(number) ? [[number, proof ?? '']] : [];
		}),
);
const duties = read('docs/deploy.md').split('## Duties that no test can take over')[1] ?? '';

describe('the promises', () => {
	test('each has a row in docs/privacy.md', () => {
		expect([...rows.keys()]).toEqual(numbers);
	});

	test.each(numbers)('%s is proven here, or is the operator’s with a reason', (number) => {
		const proof = rows.get(number) ?? '';
		if (proof.startsWith('operator: ')) {
			expect(proof.length, 'the reason').toBeGreaterThan('operator: '.length + 20);
			expect(duties, 'shown in docs/deploy.md').toContain(`**${number}**`);
		} else {
			expect(titles).toContain(number);
		}
	});

	test('a title names only promises that there are', () => {
		expect(titles.filter((number) => !numbers.includes(number))).toEqual([]);
	});
});
