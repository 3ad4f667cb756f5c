/** Which ways to sign in this installation offers. */
import { redirect } from '@sveltejs/kit';
import { env } from './env.ts';

export const hasWay = (way: 'google' | 'email'): boolean => env().SIGN_IN.includes(way);

/** Where no codes are sent, the pages and forms about them lead back to the door, which says why. */
export function mustSendCodes(next: string): void {
	if (!hasWay('email')) redirect(303, `/sign-in?problem=no_codes&next=${encodeURIComponent(next)}`);
}
