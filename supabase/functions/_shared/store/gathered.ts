type Waiting<Item, Answer> = {
	item: Item;
	resolve(answer: Answer): void;
	reject(error: unknown): void;
};

/** At most this many go together. */
const crowdSize = 100;
/** Crowds under way at a time: while the database works at one, the next is read. */
const lanes = 2;

/**
 * For calls that come in crowds: while two are on their way those that follow wait, and go together as the next.
 * Nobody waits when there is no crowd, and everybody hears of their own when it is done. A crowd that fails
 * goes again one by one, so that what is wrong with one of them is not the others' trouble.
 */
export function gathered<Item, Answer>(
	send: (items: readonly Item[]) => Promise<readonly Answer[]>,
): (item: Item) => Promise<Answer> {
	const waiting: Waiting<Item, Answer>[] = [];
	let underWay = 0;

	const settle = async (crowd: readonly Waiting<Item, Answer>[]): Promise<void> => {
		try {
			const answers = await send(crowd.map(({ item }) => item));
			if (answers.length !== crowd.length) throw new Error('not every call was answered');
			for (const [index, answer] of answers.entries()) crowd[index]?.resolve(answer);
		} catch (error) {
			if (crowd.length > 1) await Promise.all(crowd.map((one) => settle([one])));
			else crowd[0]?.reject(error);
		}
	};

	const goOn = async (): Promise<void> => {
		if (underWay === lanes) return;
		underWay += 1;
		while (waiting.length > 0) await settle(waiting.splice(0, crowdSize));
		underWay -= 1;
	};

	return (item) =>
		new Promise((resolve, reject) => {
			waiting.push({ item, resolve, reject });
			void goOn();
		});
}
