/**
 * One thing after the other done wrong by hand, when all has come to rest: in our tables, among the files, or in the
 * vendors' own records. A rule whose breach the checker does not see is not checked.
 */
import type { FalRequest } from './world/fal.ts';
import { judgeSubmit } from './world/judge.ts';
import type { World } from './world/world.ts';
import type { ScriptName } from './scripts.ts';

export type Spoil = {
	breaks: string;
	/** In whose life: of somebody who stays, or who has erased everything. */
	script: Extract<ScriptName, 'stays' | 'whole'>;
	act(world: World): Promise<void> | void;
};

/** Past every trigger and foreign key. */
const bare = ({ db }: World, text: string) =>
	db.alter(`set local session_replication_role = replica; ${text};
		set local session_replication_role = origin`);

function some<T>(items: Iterable<T>, is: (item: T) => boolean = () => true): T {
	const found = [...items].find(is);
	if (found === undefined) throw new Error('there is nothing to spoil');
	return found;
}

const portraitAt = ({ objects }: World) =>
	some(objects.files.keys(), (path) => path.startsWith('headshots/'));
const portraitRequest = ({ fal }: World): FalRequest =>
	some(fal.requests.values(), ({ kind }) => kind === 'generation');
const ownerOf = ({ people }: World) => some(people.keys());

const copied = (table: string, change: string, where: string) => `
	insert into ${table} select (jsonb_populate_record(null::${table}, to_jsonb(t) || ${change})).*
	from ${table} t where ${where} limit 1`;

export const spoils = {
	'a balance that its entries do not make': {
		breaks: 'I1',
		script: 'stays',
		act: (world) => bare(world, 'update public.credit_balances set available = available + 1'),
	},
	'a hold that took less than its entries say': {
		breaks: 'I1',
		script: 'stays',
		act: (world) => bare(world, 'update public.credit_holds set captured = 0 where captured > 0'),
	},
	'a balance below zero': {
		breaks: 'I2',
		script: 'stays',
		act: (world) => bare(world, 'update public.credit_balances set available = -1'),
	},
	'an order that is granted again': {
		breaks: 'I3',
		script: 'stays',
		act: (world) =>
			bare(
				world,
				copied(
					'public.credit_entries',
					`jsonb_build_object('id', gen_random_uuid(), 'key', 'again')`,
					`t.kind = 'grant'`,
				),
			),
	},
	'a page paid at Stripe of which there is no order': {
		breaks: 'I4',
		script: 'stays',
		act({ stripe }) {
			const session = some(stripe.sessions.values());
			const payment = some(stripe.intents.values());
			stripe.intents.set('pi_x', { ...payment, id: 'pi_x' });
			stripe.sessions.set('cs_x', {
				...session,
				sessionId: 'cs_x',
				orderId: 'nobody',
				paymentIntentId: 'pi_x',
			});
		},
	},
	'a page that Stripe calls unpaid, and is granted': {
		breaks: 'I4',
		script: 'stays',
		act: ({ stripe }) => void (some(stripe.sessions.values()).paymentStatus = 'unpaid'),
	},
	'a payment that Stripe gave back, and is kept here': {
		breaks: 'I4',
		script: 'stays',
		act({ stripe }) {
			const payment = some(stripe.intents.values());
			payment.refunded = payment.amount;
		},
	},
	'a portrait that was paid and is not there': {
		breaks: 'I5',
		script: 'stays',
		act: (world) => bare(world, 'delete from public.headshots'),
	},
	'a request that fal had twice': {
		breaks: 'I6',
		script: 'stays',
		act(world) {
			world.fal.requests.set('again', { ...portraitRequest(world), id: 'again' });
		},
	},
	'a row of somebody who was erased': {
		breaks: 'I7',
		script: 'whole',
		act: (world) =>
			bare(
				world,
				`insert into private.stripe_customers (owner_id, stripe_customer_id) values ('${ownerOf(world)}', 'cus_left')`,
			),
	},
	'a file of theirs': {
		breaks: 'I7',
		script: 'whole',
		act(world) {
			const bytes = new Uint8Array([1]);
			const at = world.now();
			world.objects.files.set(`photos/${ownerOf(world)}/left`, { bytes, sha256: 'left', at });
		},
	},
	'a picture of theirs at fal': {
		breaks: 'I7',
		script: 'whole',
		act: (world) => void portraitRequest(world).files.add('https://fal.media/left'),
	},
	'their customer at Stripe': {
		breaks: 'I7',
		script: 'whole',
		act: ({ stripe }) => void (some(stripe.customers.values()).isDeleted = false),
	},
	'a portrait whose file is gone': {
		breaks: 'I9',
		script: 'stays',
		act: (world) => void world.objects.files.delete(portraitAt(world)),
	},
	'a portrait with another byte': {
		breaks: 'I9',
		script: 'stays',
		act: (world) => void (some(world.objects.files, isPortrait)[1].sha256 = 'another'),
	},
	'a portrait without a mark': {
		breaks: 'I9',
		script: 'stays',
		act: (world) => void (some(world.objects.files, isPortrait)[1].bytes = new Uint8Array([1])),
	},
	'a portrait that is in no registry': {
		breaks: 'I9',
		script: 'stays',
		act: (world) => bare(world, 'delete from public.provenance_marks'),
	},
	'a file that no row names': {
		breaks: 'I10',
		script: 'stays',
		act({ objects, now }) {
			objects.files.set('photos/nobody/left', {
				bytes: new Uint8Array([1]),
				sha256: 'left',
				at: now(),
			});
		},
	},
	'a photo whose file is gone': {
		breaks: 'I10',
		script: 'stays',
		act({ objects }) {
			objects.files.delete(some(objects.files.keys(), (path) => path.startsWith('photos/')));
		},
	},
	'an entry that was changed afterwards': {
		breaks: 'I11',
		script: 'stays',
		act: (world) =>
			bare(
				world,
				`update public.credit_entries set created_at = created_at - interval '1 second' where kind = 'grant'`,
			),
	},
	'a reading that is not in the access log': {
		breaks: 'I11',
		script: 'stays',
		act: (world) => bare(world, 'delete from public.access_log'),
	},
	'an erasure without its receipt': {
		breaks: 'I11',
		script: 'whole',
		act: (world) => bare(world, 'delete from private.erasure_receipts'),
	},
	'a line of the log with an address in it': {
		breaks: 'I12',
		script: 'stays',
		act: (world) =>
			world.press('a line', async ({ log }) => log.info('mail.sent', { to: 'anna@example.com' })),
	},
	'a table without its policies': {
		breaks: 'I13',
		script: 'stays',
		async act(world) {
			await world.db.alter('alter table public.photos disable row level security');
			const stranger = '00000000-0000-4000-8000-00000000000a';
			world.people.set(stranger, { email: 'stranger@example.com', erasure: null });
		},
	},
	'a mail that never left': {
		breaks: 'I14',
		script: 'stays',
		act: (world) => bare(world, 'update private.mails set sent_at = null'),
	},
	'photos that nothing can take': {
		breaks: 'I15',
		script: 'stays',
		act: ({ db }) =>
			db.alter(`create function sim.stay() returns trigger language plpgsql as $$ begin return null; end $$;
				create trigger photos_stay before update or delete on public.photos
				for each row execute function sim.stay()`),
	},
	'a request without a consent': {
		breaks: 'I16',
		script: 'stays',
		async act(world) {
			await bare(world, 'delete from public.consent_records');
			await judgeSubmit(world.db, portraitRequest(world), world.violations);
		},
	},
} as const satisfies Record<string, Spoil>;

export type SpoilName = keyof typeof spoils;

function isPortrait([path]: readonly [string, unknown]): boolean {
	return path.startsWith('headshots/');
}
