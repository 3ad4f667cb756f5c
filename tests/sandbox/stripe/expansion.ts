/** `expand[]`: ids in an answer become the objects they name, up to four levels deep. */
import type { Account } from './account.ts';
import { listOf } from './account.ts';
import { invalid } from './refusals.ts';

type Json = { [key: string]: unknown };

const isJson = (value: unknown): value is Json =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

export const expanded = (account: Account, answer: unknown, paths: readonly string[]): unknown => {
	const copy = structuredClone(answer);
	for (const path of paths) expandAt(account, copy, path.split('.'), path);
	return copy;
};

const expandAt = (
	account: Account,
	at: unknown,
	[head = '', ...rest]: string[],
	path: string,
): void => {
	if (Array.isArray(at)) {
		for (const row of at) expandAt(account, row, [head, ...rest], path);
		return;
	}
	if (!isJson(at)) return;
	if (head === 'line_items' && at['object'] === 'checkout.session') {
		const { items = [] } = account.sessions.get(String(at['id'])) ?? {};
		at[head] = structuredClone(
			listOf(items, `/v1/checkout/sessions/${String(at['id'])}/line_items`),
		);
	}
	if (!(head in at)) throw cannotExpand(path);
	const value = at[head];
	if (typeof value === 'string') {
		const object = objectNamed(account, value);
		if (object === undefined) throw cannotExpand(path);
		at[head] = structuredClone(object);
	} else if (rest.length === 0 && value !== null && !isJson(value)) throw cannotExpand(path);
	if (rest.length > 0) expandAt(account, at[head], rest, path);
};

const objectNamed = (account: Account, id: string): unknown =>
	account.customers.get(id) ??
	account.paymentIntents.get(id) ??
	account.charges.get(id) ??
	account.invoices.get(id) ??
	account.subscriptions.get(id)?.subscription;

const cannotExpand = (path: string) =>
	invalid(
		`This property cannot be expanded (${path}). You may want to try expanding 'data.${path}' instead.`,
		'expand',
	);
