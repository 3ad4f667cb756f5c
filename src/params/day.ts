import type { ParamMatcher } from '@sveltejs/kit';

/** `2026-11-21`: the name of a version of the policy. */
export const match: ParamMatcher = (word) => /^\d{4}-\d{2}-\d{2}$/.test(word);
