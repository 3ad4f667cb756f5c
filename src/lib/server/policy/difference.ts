/** What is different between two texts, for reading: sentence by sentence, and inside one by words. */
import { diffArrays, diffWords } from 'diff';
import { plainLines } from './reading.ts';

export type Piece = { kind: 'same' | 'added' | 'removed'; text: string };

/** One line of the older or newer text; `pieces` say what of it is new or gone. */
export type DifferentLine = { kind: 'same' | 'added' | 'removed' | 'changed'; pieces: Piece[] };

/** Below this part of common words two lines are not a changed one but an old and a new one. */
const kinship = 0.35;

export function differenceOf(older: string, newer: string): DifferentLine[] {
	const lines: DifferentLine[] = [];
	const parts = diffArrays(plainLines(older), plainLines(newer));
	for (let at = 0; at < parts.length; at++) {
		const part = parts[at];
		const next = parts[at + 1];
		if (!part) continue;
		if (part.removed && next?.added) {
			lines.push(...pairUp(part.value, next.value));
			at++;
		} else {
			const kind = part.added ? 'added' : part.removed ? 'removed' : 'same';
			lines.push(...part.value.map((text) => whole(kind, text)));
		}
	}
	return lines;
}

const whole = (kind: 'same' | 'added' | 'removed', text: string): DifferentLine => ({
	kind,
	pieces: [{ kind, text }],
});

/** Lines that were replaced by others: each new one beside the old one it is most like. */
function pairUp(removed: readonly string[], added: readonly string[]): DifferentLine[] {
	const lines: DifferentLine[] = [];
	let from = 0;
	for (const text of added) {
		const [best] = removed
			.slice(from)
			.map((old, offset) => ({ at: from + offset, pieces: piecesOf(old, text) }))
			.map((candidate) => ({ ...candidate, common: commonPart(candidate.pieces) }))
			.toSorted((a, b) => b.common - a.common);
		if (!best || best.common < kinship) {
			lines.push(whole('added', text));
			continue;
		}
		lines.push(...removed.slice(from, best.at).map((old) => whole('removed', old)));
		lines.push({ kind: 'changed', pieces: best.pieces });
		from = best.at + 1;
	}
	return [...lines, ...removed.slice(from).map((old) => whole('removed', old))];
}

const piecesOf = (older: string, newer: string): Piece[] =>
	diffWords(older, newer).map(({ added, removed, value }) => ({
		kind: added ? 'added' : removed ? 'removed' : 'same',
		text: value,
	}));

function commonPart(pieces: readonly Piece[]): number {
	const lengthOf = (kind: Piece['kind']) =>
		pieces.filter((piece) => piece.kind === kind).reduce((sum, { text }) => sum + text.length, 0);
	const same = lengthOf('same');
	return same / Math.max(1, same + Math.max(lengthOf('added'), lengthOf('removed')));
}
