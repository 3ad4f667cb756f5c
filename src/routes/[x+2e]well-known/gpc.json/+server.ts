import { policyInForce } from '#domain/privacy/policy.ts';
import { env } from '$lib/server/env.ts';
import type { RequestHandler } from './$types';

/** Says that the signal of Global Privacy Control is honoured here. */
export const GET: RequestHandler = () =>
	Response.json({ gpc: true, lastUpdate: policyInForce(env().PROFILE).version });
