/**
 * An account with 15 photos, 200 portraits with thumbnails, weights and 60 provider requests, from the
 * request to the mailed receipt. Every call to Storage, Auth, fal, Stripe and mail takes 100 ms; the ideal is
 * the longest chain of them: list, list, delete, look again twice, delete the account, ask for it, mail.
 */
import type { Sql } from 'postgres';
import { erase, everythingOf } from '../flow/erasing.ts';
import { until } from '../flow/world.ts';
import { urlsFrom } from '../sandbox/urls.ts';
import { elsewhere, type Figure, figure } from './figure.ts';
import { aPaidShoot, base, onStack } from './rig.ts';
import { slow, slowProject } from './slow.ts';

const callMs = 100;
const chain = 8;
const port = 19_340;

export async function run(): Promise<Figure[]> {
	const urls = urlsFrom(base);
	const far = await Promise.all(
		[urls.fal, urls.stripe, urls.mail].map((target) => slow(target, callMs)),
	);
	const [fal, stripe, mail] = far;
	const functionsEnv = {
		SUPABASE_URL: `http://127.0.0.1:${port}`,
		FUNCTIONS_URL: urls.functions,
		FAL_QUEUE_URL: fal?.url ?? '',
		FAL_API_URL: fal?.url ?? '',
		STRIPE_HOST: stripe?.url ?? '',
		MAIL_API_URL: mail?.url ?? '',
	};
	try {
		const beforeProfile = async (sql: Sql) =>
			far.push(await slowProject(sql, { target: urls.supabase, port, callMs }));
		const options = { web: 'none', cron: false, functionsEnv, beforeProfile } as const;
		return await onStack(options, async (stack) => {
			const { person, shootId } = await aPaidShoot(stack, 'essential', ['slate']);
			await stack.sql`
				insert into public.photos (owner_id, shoot_id, content_type, bytes, sha256, width, height, uploaded_at)
				select ${person.id}, ${shootId}, 'image/jpeg', 100, md5(n::text) || md5(n::text), 800, 800, now()
				from generate_series(1, 15) as n`;
			await stack.sql`
				insert into storage.objects (bucket_id, name, metadata)
				select 'photos', storage_key, '{"size": 100}' from public.photos where owner_id = ${person.id}`;
			for (const [bucket, count] of [
				['headshots', 400],
				['loras', 1],
			] as const)
				await stack.sql`
					insert into storage.objects (bucket_id, name, metadata)
					select ${bucket}, format('%s/%s/%s', ${person.id}::text, ${shootId}::text, gen_random_uuid()), '{"size": 100}'
					from generate_series(1, ${count}::int)`;
			await stack.sql`
				insert into private.provider_requests
					(request_id, endpoint, status_url, response_url, cancel_url, owner_id, shoot_id, generation_id)
				select gen_random_uuid()::text, 'fal-ai/flux-lora', 'u', 'u', 'u', ${person.id}, ${shootId}, gen_random_uuid()
				from generate_series(1, 60)`;
			const note = elsewhere();
			const began = performance.now();
			const id = await erase(stack, person, { scope: 'account', refund: false });
			const gone = until('active data gone', async () => {
				const { rows, objects } = await everythingOf(stack, person);
				return Object.keys(rows).length === 0 && Object.keys(objects).length === 0;
			}).then(() => performance.now() - began);
			// Asked of the database, and nothing is rung: the request itself has to bring it to its end.
			await until('the receipt is mailed', async () => {
				const [row] = await stack.sql`
					select from private.erasures where id = ${id} and active_erased_at is not null and address is null`;
				return row !== undefined;
			});
			const elapsed = performance.now() - began;
			return [
				figure('erasure', elapsed, chain * callMs, 2, 'ms', note),
				figure('erasure: active data', await gone, 5000, 1, 'ms', note),
			];
		});
	} finally {
		await Promise.all(far.map((server) => server.stop()));
	}
}
