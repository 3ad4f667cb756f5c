/** docs/security.md names a test for each control; here it is seen that they are there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const rows = read('docs/security.md')
	.split('\n')
	.flatMap((line) => {
		const [, number, , , shown] = line.split('|').map((cell) => cell.trim());
		return number && /^S-\d\d$/.test(number) ? [{ number, shown: shown ?? '' }] : [];
	});

test('every control has a row, in order', () => {
	expect(rows.map(({ number }) => number)).toEqual(
		Array.from({ length: 38 }, (_, at) => `S-${String(at + 1).padStart(2, '0')}`),
	);
});

test.each(rows)(
	'$number is shown by tests that are there, or says why it does not apply',
	({ shown }) => {
		if (shown.startsWith('does not apply: ')) return;
		const named = [...shown.matchAll(/`([^`]+)`(?: · (.+?))?(?=<br>|$)/g)];
		expect(named.length).toBeGreaterThan(0);
		for (const [, file = '', title] of named) {
			expect(existsSync(join(root, file)), file).toBe(true);
			if (title !== undefined) expect(read(file), file).toContain(title.replaceAll('\\', ''));
		}
	},
);

const pack = z.object({
	dependencies: z.record(z.string(), z.string()),
	devDependencies: z.record(z.string(), z.string()),
	allowScripts: z.record(z.string(), z.boolean()),
});

test('S-35 · Every package is pinned, few may run anything when they are installed, and decoders are new enough', () => {
	const { dependencies, devDependencies, allowScripts } = pack.parse(
		JSON.parse(read('package.json')),
	);
	const versions = Object.entries({ ...dependencies, ...devDependencies });
	expect(
		versions.filter(([, version]) => !/^(npm:[\w-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
	).toEqual([]);
	expect(Object.keys(allowScripts).length).toBeLessThan(8);
	expect(existsSync(join(root, 'package-lock.json'))).toBe(true);
	// Below 0.35.4 its decoder of HEIC and AVIF could be made to run what a file says.
	const [major = 0, minor = 0, patch = 0] = (devDependencies['sharp'] ?? '').split('.').map(Number);
	expect([major, minor * 1000 + patch]).toEqual([0, expect.toSatisfy((n: number) => n >= 35_004)]);
	expect(dependencies, 'tests only').not.toHaveProperty('sharp');
});

test('S-38 · Realtime is off', () => {
	expect(read('supabase/config.toml')).toMatch(/\[realtime\]\nenabled = false/);
});
