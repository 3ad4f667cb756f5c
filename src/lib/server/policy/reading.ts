/** Reads a policy's text: headings, paragraphs, lists and definitions, and nothing that could be markup. */

export type Run =
	{ kind: 'text' | 'code'; text: string } | { kind: 'link'; text: string; href: string };

export type Block =
	| { kind: 'paragraph'; runs: Run[] }
	| { kind: 'list'; items: Run[][] }
	| { kind: 'definitions'; entries: { term: Run[]; lines: Run[][] }[] };

export type Chapter = { id: string; title: string; blocks: Block[] };

export type PolicyText = { title: string; lead: string; chapters: Chapter[] };

export function readPolicy(text: string): PolicyText {
	const [head = '', ...rest] = text.split(/^## /m);
	const [title = '', lead = ''] = head.trim().split('\n\n');
	return {
		title: title.replace(/^# /, ''),
		lead,
		chapters: rest.map((chapter) => {
			const [heading = '', ...pieces] = chapter.trim().split('\n\n');
			const named = /^(.+) \{#(\w+)\}$/.exec(heading);
			return { id: named?.[2] ?? '', title: named?.[1] ?? heading, blocks: blocksOf(pieces) };
		}),
	};
}

function blocksOf(pieces: readonly string[]): Block[] {
	const blocks: Block[] = [];
	for (const piece of pieces) {
		const lines = piece.split('\n');
		const [first = '', ...others] = lines;
		if (others.length > 0 && others.every((line) => line.startsWith(': '))) {
			const entry = { term: runsOf(first), lines: others.map((line) => runsOf(line.slice(2))) };
			const last = blocks.at(-1);
			if (last?.kind === 'definitions') last.entries.push(entry);
			else blocks.push({ kind: 'definitions', entries: [entry] });
		} else if (lines.every((line) => line.startsWith('- '))) {
			blocks.push({ kind: 'list', items: lines.map((line) => runsOf(line.slice(2))) });
		} else {
			blocks.push({ kind: 'paragraph', runs: runsOf(piece) });
		}
	}
	return blocks;
}

function runsOf(text: string): Run[] {
	return text.split(/(`[^`]+`|\[[^\]]+\]\([^)]+\))/).flatMap((part): Run[] => {
		if (part === '') return [];
		const link = /^\[([^\]]+)\]\(((?:\/|mailto:)[^)]*)\)$/.exec(part);
		if (link) return [{ kind: 'link', text: link[1] ?? '', href: link[2] ?? '' }];
		return part.startsWith('`')
			? [{ kind: 'code', text: part.slice(1, -1) }]
			: [{ kind: 'text', text: part }];
	});
}

/** The same as lines of plain words, for comparing. */
export function plainLines(text: string): string[] {
	return text
		.split('\n')
		.map((line) =>
			line
				.replace(/ \{#\w+\}$/, '')
				.replace(/^(#+|:|-) /, '')
				.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1')
				.replaceAll('`', ''),
		)
		.filter((line) => line !== '');
}
