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
