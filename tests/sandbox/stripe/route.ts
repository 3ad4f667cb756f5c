/** How one call of the API is written down. */
import type { z } from 'zod';
import { strictObject } from 'zod';
import type { Account, Cause } from './account.ts';
import { expand, parseParams, type Field } from './form.ts';

type Call = { account: Account; id: string; cause: Cause };
type Params = { [key: string]: Field };
export type Route = {
	method: 'GET' | 'POST' | 'DELETE';
	path: RegExp;
	run(call: Call, params: Params): unknown;
};

export const route = <Schema extends z.ZodType>(
	method: Route['method'],
	path: string,
	schema: Schema,
	run: (call: Call, params: z.output<Schema>) => unknown,
): Route => ({
	method,
	path: new RegExp(`^/v1/${path.replace(':id', '([^/]+)')}$`),
	run: (call, params) => run(call, parseParams(schema, params)),
});

export const read = strictObject({ expand });
export const newest = <Row>(rows: ReadonlyMap<string, Row>): Row[] => [...rows.values()].reverse();
