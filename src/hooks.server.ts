import { sequence } from '@sveltejs/kit/hooks';
import { compression } from '$lib/server/hooks/compression.ts';
import { guard } from '$lib/server/hooks/guard.ts';
import { number } from '$lib/server/hooks/number.ts';
import { security } from '$lib/server/hooks/security.ts';
import { session } from '$lib/server/hooks/session.ts';

export { handleError } from '$lib/server/hooks/errors.ts';

export const handle = sequence(number, compression, security, session, guard);
