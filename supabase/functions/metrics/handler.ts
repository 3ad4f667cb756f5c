import { figures } from '../_shared/flow/health.ts';
import { figuresDoor } from '../_shared/runtime/http.ts';

/** Counts for the operator's monitor, in Prometheus' own words. */
export const handler = figuresDoor(figures);
