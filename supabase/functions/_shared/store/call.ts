import { createClient } from '@supabase/supabase-js';
import { z } from 'zod';
import { Refusal, refusalCodes } from '../domain/refusal.ts';

/** One call of an SQL function of the schema `service`, its answer parsed. */
export type Call = <T>(
	name: string,
	args: Record<string, unknown>,
	answer: z.ZodType<T>,
) => Promise<T>;

export type StoreConfig = {
	url: string;
	serviceKey: string;
	/** The request that is being worked on: what is enqueued for it carries its number on. */
	requestId?: () => string | null;
};

/** Seconds for one call: a database that hangs is an outage, not a wait. */
const callTimeout = 60;

/** Two waited for each other, and Postgres has taken back all that this one did: nothing stands in the way of it again. */
const deadlock = '40P01';
const tries = 3;

export function caller({ url, serviceKey, requestId = () => null }: StoreConfig): Call {
	const client = createClient(url, serviceKey, {
		auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
		global: {
			fetch: (input, init) => {
				const headers = new Headers(init?.headers);
				const id = requestId();
				if (id !== null) headers.set('x-request-id', id);
				return fetch(input, {
					...init,
					headers,
					signal: AbortSignal.timeout(callTimeout * 1000),
				});
			},
		},
	}).schema('service');
	return async (name, args, answer) => {
		let answered = await client.rpc(name, args);
		for (let time = 1; time < tries && answered.error?.code === deadlock; time += 1)
			answered = await client.rpc(name, args);
		const { data, error, status } = answered;
		if (error)
			throw (
				refusalOf(error) ??
				// Status 0 is no answer at all.
				new Error(`${name}: ${error.code || 'no answer'} (${status}) ${error.message}`)
			);
		const parsed = answer.safeParse(data);
		// The issues name paths and types, never values.
		if (!parsed.success)
			throw new Error(`${name} answered in another shape: ${said(parsed.error)}`);
		return parsed.data;
	};
}

const said = (error: z.ZodError) =>
	error.issues.map((issue) => `${issue.path.join('.')} ${issue.code}`).join(', ');

/** `PT<status>` is an expected refusal of ours; null for everything else. */
export function refusalOf(error: {
	code: string;
	message: string;
	details: string | null;
	hint: string | null;
}): Refusal | null {
	const refused = /^PT(4\d\d|503)$/.exec(error.code)?.[1];
	if (refused === undefined) return null;
	const code = refusalCode.safeParse(error.details).data ?? 'not_now';
	return new Refusal(code, Number(refused), error.message, error.hint ?? '');
}

const refusalCode = z.enum(refusalCodes);

/** For functions that return nothing. */
export const nothing = z.unknown().transform(() => undefined);

/** Times as Postgres writes them in JSON. */
export const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** A function that returns a table answers a list; this takes its only row. */
export const onlyRow = <T extends z.ZodType>(row: T) =>
	z.preprocess((data) => (Array.isArray(data) ? data[0] : data), row);
