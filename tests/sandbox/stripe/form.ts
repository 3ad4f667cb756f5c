/** Stripe's request format: form fields with brackets, in a body or a query. */
import { z } from 'zod';
import { invalid, type StripeRefusal } from './refusals.ts';

export type Field = string | Field[] | { [key: string]: Field };

/** `a[b][0]=x` → `{ a: { b: ['x'] } }`. `a[]=x` appends. */
export const decodeForm = (text: string): { [key: string]: Field } => {
	const tree: Tree = new Map();
	for (const [name, value] of new URLSearchParams(text)) place(tree, pathOf(name), value);
	return Object.fromEntries([...tree].map(([key, node]) => [key, plain(node)]));
};

type Tree = Map<string, string | Tree>;

const pathOf = (name: string): string[] => {
	const [, head, rest] = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name) ?? [];
	if (head === undefined || rest === undefined) throw invalid(`Invalid parameter name: ${name}`);
	return [head, ...[...rest.matchAll(/\[([^[\]]*)\]/g)].map((part) => part[1] ?? '')];
};

const place = (tree: Tree, [head = '', ...rest]: string[], value: string): void => {
	const key = head === '' ? String(tree.size) : head;
	if (rest.length === 0) {
		tree.set(key, value);
		return;
	}
	const below = tree.get(key);
	const next: Tree = below instanceof Map ? below : new Map();
	tree.set(key, next);
	place(next, rest, value);
};

const plain = (node: string | Tree): Field => {
	if (typeof node === 'string') return node;
	const isList = [...node.keys()].every((key, at) => key === String(at));
	return isList
		? [...node.values()].map(plain)
		: Object.fromEntries([...node].map(([key, below]) => [key, plain(below)]));
};

export const text = z.string().max(5000);
export const flag = z
	.enum(['true', 'false'], { error: 'Invalid boolean' })
	.transform((value) => value === 'true');
export const integer = z
	.string()
	.regex(/^-?\d+$/, { error: 'Invalid integer' })
	.transform(Number);
export const expand = z.array(text).optional();
/** At most 50 keys of 40 characters with values of 500, as Stripe's. */
export const metadata = z
	.record(z.string().max(40), z.string().max(500))
	.refine((record) => Object.keys(record).length <= 50, 'Metadata can have up to 50 keys');
export const email = z.string().refine((value) => /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value), {
	error: (issue) => `Invalid email address: ${String(issue.input)}`,
	params: { code: 'email_invalid' },
});
export const paging = {
	limit: integer.optional(),
	starting_after: text.optional(),
	ending_before: text.optional(),
	expand,
};

/** Parses the decoded parameters, or throws the refusal Stripe would send for the first thing wrong. */
export const parseParams = <Schema extends z.ZodType>(
	schema: Schema,
	params: { [key: string]: Field },
): z.output<Schema> => {
	const parsed = schema.safeParse(params);
	if (parsed.success) return parsed.data;
	const issues = parsed.error.issues;
	const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
	const issue = unknown ?? issues[0];
	throw issue === undefined ? invalid('Invalid request.') : refusalOf(issue, params);
};

const refusalOf = (issue: z.core.$ZodIssue, params: Field): StripeRefusal => {
	if (issue.code === 'unrecognized_keys') {
		const name = bracketed([...issue.path, issue.keys[0] ?? '']);
		return invalid(`Received unknown parameter: ${name}`, name, 'parameter_unknown');
	}
	const name = bracketed(issue.path);
	const given = valueAt(params, issue.path);
	if (given === undefined)
		return invalid(`Missing required param: ${name}.`, name, 'parameter_missing');
	if (given === '')
		return invalid(
			`You passed an empty string for '${name}'. We assume empty values are an attempt to unset a parameter; however '${name}' cannot be unset. You should remove '${name}' from your request or supply a non-empty value.`,
			name,
			'parameter_invalid_empty',
		);
	if (issue.code === 'custom') {
		const code: unknown = issue.params?.['code'];
		return invalid(issue.message, name, typeof code === 'string' ? code : undefined);
	}
	return invalid(
		`Invalid ${name}: ${typeof given === 'string' ? given : JSON.stringify(given)} (${issue.message})`,
		name,
	);
};

const bracketed = (path: readonly PropertyKey[]): string =>
	path.map((part, at) => (at === 0 ? String(part) : `[${String(part)}]`)).join('');

const valueAt = (params: Field, path: readonly PropertyKey[]): Field | undefined =>
	path.reduce<Field | undefined>((at, part) => {
		if (at === undefined || typeof at === 'string') return undefined;
		return Array.isArray(at) ? at[Number(part)] : at[String(part)];
	}, params);
