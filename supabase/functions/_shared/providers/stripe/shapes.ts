import { z } from 'zod';

/** An object of Stripe where it may be given by id or in full. */
export const reference = z
	.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)])
	.nullable();

export const cents = z.number().int().nonnegative();
