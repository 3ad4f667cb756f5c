/** What `npm run bench -- NAME … --seeds 10000` says besides the names. */
import { parseArgs } from 'node:util';
import { z } from 'zod';

const count = z.coerce.number().int().positive();
const shape = z.object({
	/** Of `faults`: how many mixed runs, and from which seed on. */
	seeds: count.default(300),
	from: count.default(1),
	workers: count.optional(),
});
export type Flags = z.infer<typeof shape>;

export function readFlags(argv: readonly string[]): { names: string[]; flags: Flags } {
	const { positionals, values } = parseArgs({
		args: [...argv],
		allowPositionals: true,
		options: {
			seeds: { type: 'string' },
			from: { type: 'string' },
			workers: { type: 'string' },
		},
	});
	return { names: positionals, flags: shape.parse(values) };
}
