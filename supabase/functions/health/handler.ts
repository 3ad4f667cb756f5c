import { health } from '../_shared/flow/health.ts';
import { window } from '../_shared/runtime/http.ts';

/** Whether people are served, for anybody to ask: no secret, and nothing about anybody. */
export const handler = window(health);
