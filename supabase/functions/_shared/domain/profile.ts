/**
 * Which of the systems an installation is. All that is different between them is configuration
 * (supabase/profiles/<profile>.env) and the policy that each has published; no page and no step asks.
 */
export const profiles = ['haloprofile', 'headshotr'] as const;

export type Profile = (typeof profiles)[number];

/** Of an installation that says nothing else; also of a database that no profile was applied to yet. */
export const defaultProfile: Profile = 'haloprofile';
