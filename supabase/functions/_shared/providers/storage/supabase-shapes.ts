/** What Supabase Storage answers, as far as we read it. */
import { z } from 'zod';

/** One level of a folder; a folder in it has no id. */
export const listed = z.array(
	z.object({
		name: z.string(),
		id: z.string().nullable(),
		updated_at: z.string().nullish(),
		metadata: z.object({ size: z.number().int(), mimetype: z.string().optional() }).nullish(),
	}),
);

/** One answer for each path; without an error the object is there. */
export const signedBatch = z.array(z.object({ path: z.string(), error: z.string().nullable() }));
