import type { SupabaseClient } from '@supabase/supabase-js';
import type { Database } from '#store/database.types.ts';
import type { Site } from '$lib/server/site.ts';

declare global {
	namespace App {
		interface Locals {
			/** The number of this request, in every log that it leaves a line in. */
			requestId: string;
			/** Acts as the signed-in person, or as anonymous; never with a secret. */
			supabase: SupabaseClient<Database>;
			/** Checked with the auth server in this request; null when nobody is signed in. */
			user: { id: string; email: string; createdAt: Date } | null;
			/** False when the auth server did not answer: then `user: null` does not mean signed out. */
			isAuthReachable: boolean;
		}
		interface PageData {
			/** Of the root layout: there unless that could not be loaded. */
			site?: Site;
		}
		interface Error {
			message: string;
			/** What the person can do about it, one sentence. */
			hint?: string;
			/** Number under which the log has the details. */
			id?: string;
		}
	}
}

export {};
