/** Runs `act` over all items, at most `limit` at a time. Results are in the order of the items. */
export async function inParallel<Item, Result>(
	items: readonly Item[],
	limit: number,
	act: (item: Item) => Promise<Result>,
): Promise<Result[]> {
	const results: Result[] = [];
	const queue = items.entries();
	const worker = async () => {
		for (const [index, item] of queue) results[index] = await act(item);
	};
	await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
	return results;
}

export type Gate = <Result>(act: () => Promise<Result>) => Promise<Result>;

/** Lets so many in at a time; whoever is one too many waits for their turn. */
export function gate(limit: number): Gate {
	const waiting: (() => void)[] = [];
	let inside = 0;
	return async (act) => {
		if (inside === limit) await new Promise<void>((resolve) => waiting.push(resolve));
		else inside += 1;
		try {
			return await act();
		} finally {
			const next = waiting.shift();
			if (next) next();
			else inside -= 1;
		}
	};
}
