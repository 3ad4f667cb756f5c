import type { AuthError } from '@supabase/supabase-js';

/** Why another address was not asked for its consent, in words. */
export function addressProblem({ code, status }: Pick<AuthError, 'code' | 'status'>): {
	status: number;
	words: { title: string; hint: string };
} {
	switch (code) {
		case 'email_exists':
		case 'user_already_exists':
			return {
				status: 422,
				words: {
					title: 'This address cannot be used.',
					hint: 'It belongs to another account, or cannot take mail. Choose another one.',
				},
			};
		case 'over_email_send_rate_limit':
		case 'over_request_rate_limit':
			return {
				status: 429,
				words: {
					title: 'That was asked for just now.',
					hint: 'Wait a minute, and look among the unwanted mail too.',
				},
			};
		default:
			return status !== undefined && status >= 400 && status < 500
				? {
						status: 422,
						words: {
							title: 'This address cannot be used.',
							hint: 'Choose another one, or sign in once more and try again.',
						},
					}
				: {
						status: 503,
						words: {
							title: 'The address could not be changed just now.',
							hint: 'Nothing has changed. Please try again in a minute.',
						},
					};
	}
}
