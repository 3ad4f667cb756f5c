/** The only names of the host: Supabase's edge runtime, or plain Deno on one machine. */
declare const Deno: { env: { get(name: string): string | undefined } };
declare const EdgeRuntime: { waitUntil(work: Promise<void>): void } | undefined;

export const readVariable = (name: string): string | undefined => Deno.env.get(name);

/** Keeps the instance alive until the work is done, after the answer was sent. */
export function inBackground(work: Promise<void>): void {
	if (typeof EdgeRuntime !== 'undefined') EdgeRuntime.waitUntil(work);
}
