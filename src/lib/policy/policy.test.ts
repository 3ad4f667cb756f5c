import { expect, test } from 'vitest';
import { policyDefects } from '#domain/privacy/policy-defects.ts';
import { policyFile, policyInForce } from '#domain/privacy/policy.ts';
import { differenceOf } from '../server/policy/difference.ts';
import { readPolicy } from '../server/policy/reading.ts';
import { readTexts, sha256 } from './check.ts';

test('the texts are as published, and the one in force says what the registry says', () => {
	expect(policyDefects(readTexts(), sha256)).toEqual([]);
});

test('one character changed, a text missing or one too many is a defect, and so is a registry that moved on', () => {
	const texts = readTexts();
	const file = policyFile('haloprofile', policyInForce('haloprofile').version);
	const text = texts.get(file) ?? '';
	const changed = new Map(texts).set(file, text.replace('nothing else.', 'nothing else!'));
	expect(policyDefects(changed, sha256)).toEqual([
		`${file} is not as published. A change needs a new version.`,
	]);
	const fewer = new Map(texts);
	fewer.delete('haloprofile/2026-11-01.md');
	expect(policyDefects(fewer, sha256)).toEqual(['haloprofile/2026-11-01.md is missing.']);
	const more = new Map(texts).set('headshotr/2026-12-01.md', text);
	expect(policyDefects(more, sha256)).toEqual([
		'headshotr/2026-12-01.md is not listed in policyVersions.',
	]);
	const older = new Map(texts).set(file, text.replace('Delivers our mails.', 'Reads them.'));
	expect(policyDefects(older, sha256).join()).toMatch(/registry says \(processors\)/);
});

test('a text is read into chapters that can be linked to, and no markup is left in it', () => {
	for (const text of readTexts().values()) {
		const { title, lead, chapters } = readPolicy(text);
		expect(title).toBe('Privacy');
		expect(lead.length).toBeGreaterThan(40);
		const ids = chapters.map(({ id }) => id);
		expect(ids).toEqual([...new Set(ids)].filter((id) => id !== ''));
		expect(ids).toEqual(expect.arrayContaining(['stored', 'processors', 'rights', 'changes']));
		const runs = chapters.flatMap(({ blocks }) =>
			blocks.flatMap((block) => {
				switch (block.kind) {
					case 'paragraph':
						return block.runs;
					case 'list':
						return block.items.flat();
					case 'definitions':
						return block.entries.flatMap(({ term, lines }) => [term, ...lines].flat());
				}
			}),
		);
		expect(runs.filter((run) => /[`[\]{}#]|^: /.test(run.text))).toEqual([]);
	}
});

test('what is different is shown word by word, and nothing of either text is lost', () => {
	const older = '# One\n\nWe keep photos for ever.\n\nGone soon.\n\nThe end.';
	const newer = '# One\n\nWe keep photos for 30 days.\n\nThe end.\n\nAn addition at last.';
	expect(
		differenceOf(older, newer).map(({ kind, pieces }) => [
			kind,
			pieces.map((piece) => `${piece.kind[0]}:${piece.text}`).join('|'),
		]),
	).toEqual([
		['same', 's:One'],
		['changed', 's:We keep photos for |r:ever|a:30 days|s:.'],
		['removed', 'r:Gone soon.'],
		['same', 's:The end.'],
		['added', 'a:An addition at last.'],
	]);
	const [first = '', second = ''] = [...readTexts().values()];
	const pieces = differenceOf(first, second).map((line) => line.pieces);
	const without = (kind: string) =>
		pieces
			.map((line) => line.flatMap((piece) => (piece.kind === kind ? [] : piece.text)).join(''))
			.filter((line) => line !== '').length;
	expect(without('removed')).toBeGreaterThan(40);
	expect(without('added')).toBeGreaterThan(40);
});
