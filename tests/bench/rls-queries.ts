/**
 * The questions that the pages ask of the database as a person: `$person`, `$shoot` and `$portrait` are what they are
 * asked with. `owner` is the filter that stands in for a policy where there is none: of the table by this name.
 */
export type Query = {
	/** Where in `src` it is asked. */
	name: string;
	/** Tables with people's rows that it reads. */
	tables: readonly string[];
	/** How many rows at most, where fewer than the Data API gives anyway. */
	limit?: number;
	/** What is counted beside the rows, where it is (`count: 'exact'`). */
	counted?(owner: Owner): string;
	text(owner: Owner): string;
};
/** ` and <table>.owner_id = …`, or nothing under a policy. */
export type Owner = (table: string) => string;

export const byHand: Owner = (table) => ` and ${table}.owner_id = (select private.person())`;
export const asValue: Owner = (table) => ` and ${table}.owner_id = $person`;
export const asPolicy: Owner = () => '';

type Rest = { order?: string; limit?: number };

const own = (
	name: string,
	table: string,
	columns: string,
	condition: string,
	{ order, limit }: Rest = {},
): Query => ({
	name,
	tables: [table],
	...(limit === undefined ? {} : { limit }),
	text: (owner) =>
		`select ${columns} from public.${table} where ${condition}${owner(table)} ${order ? `order by ${order}` : ''}`,
});

const counted = (name: string, table: string): Query => ({
	...own(name, table, 'id', 'shoot_id = $shoot'),
	counted: (owner) => `select 1 from public.${table} where shoot_id = $shoot${owner(table)}`,
});

export const queries: readonly Query[] = [
	own('shoot', 'shoots', 'id, name, engine, status, failure, created_at, offer_id', 'id = $shoot'),
	{
		name: 'list of shoots',
		tables: ['shoots', 'headshots'],
		text: (owner) => `
			select shoots.id, shoots.name, shoots.status, shoots.created_at, o.name as offer, h.rows
			from public.shoots join public.offers o on o.id = shoots.offer_id
			left join lateral (
				select json_agg(json_build_object('k', headshots.thumbnail_key, 'f', headshots.is_favorite, 'c', headshots.created_at)) as rows
				from public.headshots where headshots.shoot_id = shoots.id${owner('headshots')}
			) as h on true
			where true${owner('shoots')} order by shoots.created_at desc`,
	},
	{
		name: 'draft',
		tables: ['shoots', 'shoot_styles'],
		limit: 1,
		text: (owner) => `
			select shoots.id, shoots.offer_id, y.rows from public.shoots
			left join lateral (
				select json_agg(shoot_styles.style_id) as rows from public.shoot_styles
				where shoot_styles.shoot_id = shoots.id${owner('shoot_styles')}
			) as y on true
			where shoots.status = 'draft'${owner('shoots')} order by shoots.created_at desc`,
	},
	own('styles of a shoot', 'shoot_styles', 'style_id', 'shoot_id = $shoot'),
	own(
		'photos of a shoot',
		'photos',
		'id, storage_key, file_name, sha256, uploaded_at',
		'shoot_id = $shoot and deleted_at is null',
		{ order: 'created_at, id' },
	),
	own(
		'one photo by its hash',
		'photos',
		'id',
		`shoot_id = $shoot and sha256 = repeat('0', 64) and deleted_at is null`,
	),
	own('photos to go', 'photos', 'keep_until', 'shoot_id = $shoot and deleted_at is null', {
		order: 'keep_until',
	}),
	counted('number of photos', 'photos'),
	own(
		'model of a shoot',
		'loras',
		'id, created_at, keep_until, extensions, deleted_at',
		'shoot_id = $shoot',
		{ order: 'created_at desc', limit: 1 },
	),
	own(
		'training of a shoot',
		'trainings',
		'status, progress_percent, queue_position',
		'shoot_id = $shoot',
		{ order: 'created_at desc', limit: 1 },
	),
	own('progress of portraits', 'generations', 'status', 'shoot_id = $shoot'),
	own('arrivals', 'headshots', 'id', 'shoot_id = $shoot', { order: 'created_at, id' }),
	own(
		'gallery',
		'headshots',
		'id, thumbnail_key, width, height, is_favorite, style_id',
		'shoot_id = $shoot',
		{ order: 'created_at, id' },
	),
	counted('number of portraits', 'headshots'),
	own(
		'one portrait',
		'headshots',
		'storage_key, thumbnail_key',
		'shoot_id = $shoot and id = $portrait',
	),
	own('profile', 'profiles', 'name, email, created_at', 'true'),
	own('balances', 'credit_balances', 'unit, available, held', 'true'),
	own('ledger', 'credit_entries', 'id, unit, kind, available, held, reason, created_at', 'true', {
		order: 'created_at desc, id',
		limit: 200,
	}),
	own('orders', 'orders', 'id, status, amount, currency, created_at', 'paid_at is not null', {
		order: 'created_at desc',
	}),
	own(
		'plan',
		'subscriptions',
		'status, current_period_end, is_ending, payment_failed_at, ended_at, offer_id',
		"status not in ('pending', 'expired', 'refused')",
		{ order: 'created_at desc', limit: 1 },
	),
	own('disputes', 'disputes', 'status, amount, currency', 'true'),
	own('refunds', 'refunds', 'id, order_id, amount, currency, status', 'true', {
		order: 'created_at desc',
	}),
	own('consents', 'consent_records', 'purpose, version, granted_at', 'withdrawn_at is null'),
	own('policy notice', 'policy_notices', 'version', `version = '2026-11-21'`),
	{
		name: 'access log',
		tables: ['access_log', 'shoots'],
		text: (owner) => `
			select access_log.at, access_log.reader, access_log.what, access_log.items, s.name
			from public.access_log
			left join lateral (
				select shoots.name from public.shoots where shoots.id = access_log.shoot_id${owner('shoots')}
			) as s on true
			where true${owner('access_log')} order by access_log.at desc`,
	},
];
