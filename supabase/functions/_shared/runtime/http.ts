/** The doors: who may come in, with what, and how they are answered. */
import { z } from 'zod';
import type { OwnRows } from '../domain/own-rows.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Deps } from '../flow/deps.ts';
import { parseJson, readBody } from './body.ts';
import { nameOf } from './answer.ts';
import { answering, type Handler } from './answering.ts';
import { sessionOf } from './person.ts';
import { isSameSecret } from './secret.ts';
import { pressureGate } from './pressure.ts';
import type { Services, Vendor } from './services.ts';
import { trace } from './trace.ts';

/** Bytes of a body. A Stripe event may carry a whole invoice. */
const maxBody = { person: 20_000, vendor: 1_000_000, cron: 1_000_000 };
const empty = new TextEncoder().encode('{}');

/** How a call of our own web app names the shoot that it is about. */
const aboutShoot = z.looseObject({ shoot_id: z.uuid() });

/**
 * A door for signed-in people: POST, JSON in, JSON out. `needs` are the vendors the step cannot do without.
 * With `isFresh` they must have signed in ten minutes ago at most (403 `not_fresh`).
 */
export function personDoor<Body>(
	door: { body: z.ZodType<Body>; needs: readonly Vendor[]; isFresh?: true },
	act: (deps: Deps, ownerId: string, body: Body, own: OwnRows) => Promise<object>,
): Handler {
	return answering(async (request, { accountOf, deps, mustBeOpen, ownRowsOf }) => {
		const authorization = request.headers.get('authorization');
		const ownerId = await accountOf(authorization);
		if (ownerId === null) throw notSignedIn();
		if (door.isFresh && !(await deps.store.isSessionFresh(ownerId, sessionOf(authorization))))
			throw new Refusal(
				'not_fresh',
				403,
				'For this we have to be sure that it is you.',
				'Sign in once more, and go on.',
			);
		for (const vendor of door.needs) mustBeOpen(vendor);
		const body = parseJson(door.body, await readBody(request, maxBody.person));
		const shoot = aboutShoot.safeParse(body).data?.shoot_id ?? null;
		return trace.run({ shoot }, async () =>
			Response.json(await act(deps, ownerId, body, ownRowsOf(authorization ?? ''))),
		);
	});
}

/**
 * A door for signed-in people who only look: what is asked with their own token is asked beside the question
 * whose it is, and told when that has been answered.
 */
export function readingDoor<Body>(
	body: z.ZodType<Body>,
	act: (deps: Deps, body: Body, own: OwnRows) => Promise<object>,
): Handler {
	return answering(async (request, { accountOf, deps, ownRowsOf }) => {
		const authorization = request.headers.get('authorization');
		const asked = parseJson(body, await readBody(request, maxBody.person));
		const answer = act(deps, asked, ownRowsOf(authorization ?? ''));
		answer.catch(() => undefined);
		if ((await accountOf(authorization)) === null) throw notSignedIn();
		return Response.json(await answer);
	});
}

const notSignedIn = () =>
	new Refusal('not_signed_in', 401, 'You are not signed in.', 'Sign in and try again.');

/** A door for anybody who knows what to ask for: POST, JSON in, JSON out. */
export function openDoor<Body>(
	body: z.ZodType<Body>,
	act: (deps: Deps, body: Body) => Promise<object>,
): Handler {
	return answering(async (request, { deps }) =>
		Response.json(await act(deps, parseJson(body, await readBody(request, maxBody.person)))),
	);
}

/** The secret of the schedule, which its rings and the operator's carry. */
async function mustKnowSecret(request: Request, { cronSecret }: Services): Promise<void> {
	if (!(await isSameSecret(request.headers.get('x-cron-secret'), cronSecret())))
		throw new Refusal('not_signed_in', 401, 'This address is for the schedule.', '');
}

/** A door for the operator: answers when it is done, or with why it was refused. */
export function operatorDoor(act: (deps: Deps) => Promise<object>): Handler {
	return answering(async (request, services) => {
		await mustKnowSecret(request, services);
		return Response.json(await act(services.deps));
	});
}

/** A door for the schedule: answers at once, works on afterwards. */
export function cronDoor<Body = null>(
	act: (deps: Deps, body: Body) => Promise<void>,
	body?: z.ZodType<Body>,
): Handler {
	return answering(async (request, services) => {
		await mustKnowSecret(request, services);
		const { deps, log } = services;
		const bytes = await readBody(request, maxBody.cron);
		const said = body ? parseJson(body, bytes.length > 0 ? bytes : empty) : (null as Body);
		deps.inBackground(
			act(deps, said).catch((error: unknown) =>
				log.error('cron.failed', { reason: nameOf(error) }),
			),
		);
		return Response.json({ started: true }, { status: 202 });
	});
}

/** One for all vendors: they share one database. */
const pressure = pressureGate();

/** A door for who reads our figures: GET, with the secret of the schedule as a bearer token or in its header. */
export function figuresDoor(act: (deps: Deps) => Promise<string>): Handler {
	return answering(async (request, { cronSecret, deps }) => {
		const bearer = request.headers.get('authorization')?.replace(/^Bearer /i, '') ?? null;
		const given = request.headers.get('x-cron-secret') ?? bearer;
		if (!(await isSameSecret(given, cronSecret())))
			throw new Refusal('not_signed_in', 401, 'These figures are for the operator.', '');
		return new Response(await act(deps), {
			headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
		});
	}, 'GET');
}

/** A door for anybody, to look through: GET, nothing to ask. */
export function window(act: (deps: Deps) => Promise<{ status: number; body: object }>): Handler {
	return answering(async (_request, { deps }) => {
		const { status, body } = await act(deps);
		return Response.json(body, { status });
	}, 'GET');
}

/** A door for a vendor: gets the raw bytes, because the signature is over them. */
export function vendorDoor(
	act: (services: Services, request: Request, rawBody: Uint8Array) => Promise<object>,
): Handler {
	return answering(async (request, services) =>
		Response.json(
			await pressure(async () => act(services, request, await readBody(request, maxBody.vendor))),
		),
	);
}
