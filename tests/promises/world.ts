/**
 * The running stack as the proofs see it, and what differs with its profile: who makes portraits, how people
 * come in, where files lie. So each proof is written once. People and their clicks come from tests/flow/world.ts.
 */
import postgres from 'postgres';
import { expect, inject } from 'vitest';
import { z } from 'zod';
import { photoCounts } from '#domain/engine.ts';
import { buckets, keysBelow } from '#domain/object-store.ts';
import { storeOf } from '../flow/files.ts';
import {
	aPaidShoot,
	becomes,
	control,
	engineOf,
	haveLeft,
	log,
	type Person,
	quiet,
	startShoot,
	type Upload,
	uploadMany,
} from '../flow/world.ts';
import type { Stack as WholeStack } from '../sandbox/stack.ts';

export type Proven = Pick<
	WholeStack,
	'profile' | 'base' | 'urls' | 'keys' | 'env' | 'databaseUrl' | 'dataDir'
>;

export type Stack = Proven & Pick<WholeStack, 'sql'>;

/** Call once a file, at its top; a file's proofs make people of their own. */
export function theStack(): Stack {
	const proven = inject('proven');
	return { ...proven, sql: postgres(proven.databaseUrl, { onnotice: () => undefined }) };
}

/** Whether portraits are made by a model of the person here. Where none is, `expectNoModel` is what is promised. */
export const hasModels = (stack: Stack): boolean => engineOf(stack) === 'studio';

/** As on a good day, and quick. */
export async function vendorsAreQuick(stack: Stack): Promise<void> {
	await control(stack.urls.gemini, 'reset');
	await control(stack.urls.gemini, 'settings', { imageMs: 50 });
	// What fal was asked for stays to be seen where that has to be nothing.
	if (!hasModels(stack)) return;
	await control(stack.urls.fal, 'reset');
	await control(stack.urls.fal, 'settings', { trainingMs: 100, imageMs: 50 });
}

export type Shoot = { person: Person; shootId: string; photos: Upload[] };

/** How many photos `aShootWithPhotos` has: enough, and room for one more. */
export const photosOf = (stack: Stack): number =>
	Math.min(10, photoCounts[engineOf(stack)].max - 1);

/** Someone who has paid and uploaded photos; the work may start. Another first photo makes all of them others. */
export async function aShootWithPhotos(stack: Stack, firstPhoto = 0): Promise<Shoot> {
	const customer = await aPaidShoot(stack);
	const { person, shootId } = customer;
	const photos = await uploadMany(person, shootId, photosOf(stack), firstPhoto);
	return { ...customer, photos };
}

/** How many `aReadyShoot` has: enough for two styles, and nobody waits for twenty. */
export const portraitCount = 3;

/** Someone whose portraits are there. */
export async function aReadyShoot(stack: Stack, firstPhoto = 0): Promise<Shoot> {
	const shoot = await aShootWithPhotos(stack, firstPhoto);
	await haveLeft(stack, shoot.person, portraitCount);
	await startShoot(stack, shoot.person, shoot.shootId);
	await becomes(stack, shoot.shootId, 'ready');
	await quiet(stack);
	return shoot;
}

/** Every file below a person's folder. */
export async function filesOf(
	stack: Stack,
	{ id }: Person,
): Promise<{ bucket: (typeof buckets)[number]; name: string }[]> {
	const found = await Promise.all(
		buckets.map(async (bucket) =>
			(await keysBelow(storeOf(stack), bucket, id)).map((name) => ({ bucket, name })),
		),
	);
	return found.flat();
}

/** Where a file would be found by whoever knows its name, if that were enough. */
export const bareAddresses = ({ urls }: Stack, bucket: string, key: string): string[] => [
	...['', 'public/', 'authenticated/'].map(
		(kind) => `${urls.supabase}/storage/v1/object/${kind}${bucket}/${key}`,
	),
	`${urls.r2}/sandbox-${bucket}/${key}`,
];

const geminiLog = z.object({
	requests: z.array(z.object({ method: z.string(), path: z.string() })),
	calls: z.array(
		z.object({ status: z.number(), photos: z.array(z.object({ sha256: z.string() })) }),
	),
});
export const geminiOf = async ({ urls }: Stack) => geminiLog.parse(await log(urls.gemini));

const falLog = z.object({
	requests: z.array(z.unknown()),
	submits: z.array(
		z.object({
			id: z.string(),
			endpoint: z.string(),
			kind: z.enum(['trainer', 'generator']),
			lifecycle: z.unknown(),
			input: z.record(z.string(), z.unknown()),
			payloadsDeletedAt: z.number().nullable(),
		}),
	),
	deletions: z.array(z.object({ requestId: z.string(), files: z.array(z.string()) })),
	files: z.array(z.object({ requestId: z.string().nullable() })),
});
export const falOf = async ({ urls }: Stack) => falLog.parse(await log(urls.fal));

/** Where no model is ever made: no row, no file, no consent to one, and not a word to who could make it. */
export async function expectNoModel(stack: Stack): Promise<void> {
	const [found] = await stack.sql`
		select (select count(*)::int from public.trainings) as trainings,
			(select count(*)::int from public.loras) as loras,
			(select count(*)::int from private.provider_requests) as requests,
			(select count(*)::int from public.shoots where engine = 'studio') as shoots,
			(select count(*)::int from public.consent_records where purpose = 'private_model') as consents,
			(select is_on from private.processors where id = 'fal') as fal`;
	expect({ ...found }).toEqual({
		trainings: 0,
		loras: 0,
		requests: 0,
		shoots: 0,
		consents: 0,
		fal: false,
	});
	for (const store of ['supabase', 'r2'] as const)
		for (const bucket of ['loras', 'datasets'] as const)
			expect(await keysBelow(storeOf(stack, store), bucket, ''), `${bucket} at ${store}`).toEqual(
				[],
			);
	const { requests, submits, files } = await falOf(stack);
	expect({ requests, submits, files }).toEqual({ requests: [], submits: [], files: [] });
}
