/** The doors: who may come in, with what, and how they are answered. */
import type { z } from 'zod';
import type { OwnRows } from '../domain/own-rows.ts';
import { Refusal, type RefusalBody } from '../domain/refusal.ts';
import type { Deps } from '../flow/deps.ts';
import { readBody } from './body.ts';
import { sessionOf } from './person.ts';
import { isSameSecret } from './secret.ts';
import { DoorClosed, services, type Services, type Vendor } from './services.ts';

export type Handler = (request: Request) => Promise<Response>;

/** Bytes of a body. A Stripe event may carry a whole invoice. */
const maxBody = { person: 20_000, vendor: 1_000_000 };

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
		if (ownerId === null)
			throw new Refusal('not_signed_in', 401, 'You are not signed in.', 'Sign in and try again.');
		if (door.isFresh && !(await deps.store.isSessionFresh(ownerId, sessionOf(authorization))))
			throw new Refusal(
				'not_fresh',
				403,
				'For this we have to be sure that it is you.',
				'Sign in once more, and go on.',
			);
		for (const vendor of door.needs) mustBeOpen(vendor);
		const body = parseJson(door.body, await readBody(request, maxBody.person));
		return Response.json(await act(deps, ownerId, body, ownRowsOf(authorization ?? '')));
	});
}

/** A door for anybody who knows what to ask for: POST, JSON in, JSON out. */
export function openDoor<Body>(
	body: z.ZodType<Body>,
	act: (deps: Deps, body: Body) => Promise<object>,
): Handler {
	return answering(async (request, { deps }) =>
		Response.json(await act(deps, parseJson(body, await readBody(request, maxBody.person)))),
	);
}

/** A door for the schedule: answers at once, works on afterwards. */
export function cronDoor(act: (deps: Deps) => Promise<void>): Handler {
	return answering(async (request, { cronSecret, deps, log }) => {
		if (!(await isSameSecret(request.headers.get('x-cron-secret'), cronSecret())))
			throw new Refusal('not_signed_in', 401, 'This address is for the schedule.', '');
		deps.inBackground(
			act(deps).catch((error: unknown) => log.error('cron.failed', { reason: nameOf(error) })),
		);
		return Response.json({ started: true }, { status: 202 });
	});
}

/** A door for a vendor: gets the raw bytes, because the signature is over them. */
export function vendorDoor(
	act: (services: Services, request: Request, rawBody: Uint8Array) => Promise<object>,
): Handler {
	return answering(async (request, services) =>
		Response.json(await act(services, request, await readBody(request, maxBody.vendor))),
	);
}

/** What a signature check said "no" with. */
export function refuseWebhook(
	kind: 'unsigned' | 'stale' | 'forged' | 'foreign' | 'malformed',
): Refusal {
	const hint = 'Nothing was done.';
	switch (kind) {
		case 'unsigned':
			return new Refusal('not_signed_in', 401, 'The signature is missing.', hint);
		case 'stale':
			return new Refusal('not_signed_in', 401, 'The signature is too old.', hint);
		case 'forged':
			return new Refusal('not_signed_in', 401, 'The signature does not fit.', hint);
		case 'foreign':
			return new Refusal('not_signed_in', 403, 'This event is not for us.', hint);
		case 'malformed':
			return new Refusal('malformed', 400, 'This is not an event that we can read.', hint);
	}
}

function answering(act: (request: Request, services: Services) => Promise<Response>): Handler {
	return async (request) => {
		const requestId = crypto.randomUUID();
		const wired = services();
		let response: Response;
		try {
			if (request.method !== 'POST')
				throw new Refusal('malformed', 405, 'This address only takes POST.', 'Send a POST.');
			response = await act(request, wired);
		} catch (error) {
			const refusal = asRefusal(error);
			const fields = { request: requestId, path: new URL(request.url).pathname };
			// Somebody tries out cards, or guesses: to be looked at.
			if (refusal.status === 429) wired.log.error('alert.too_often', fields);
			if (error instanceof Refusal)
				wired.log.info('door.refused', { ...fields, code: refusal.code, status: refusal.status });
			else wired.log.error('door.failed', { ...fields, reason: nameOf(error) });
			response = Response.json(bodyOf(refusal), { status: refusal.status });
		}
		response.headers.set('x-request-id', requestId);
		response.headers.set('cache-control', 'no-store');
		return response;
	};
}

function asRefusal(error: unknown): Refusal {
	if (error instanceof Refusal) return error;
	if (error instanceof DoorClosed)
		return new Refusal(
			'provider_unavailable',
			503,
			'This part is not open at the moment.',
			'Try again later; nothing was charged.',
		);
	return new Refusal(
		'unexpected',
		500,
		'Something went wrong on our side.',
		'Try again in a moment; nothing is lost, and nothing is charged twice.',
	);
}

function bodyOf({ code, message, hint, details }: Refusal): RefusalBody {
	return { error: { code, message, hint, ...(details === undefined ? {} : { details }) } };
}

/** Says which fields are wrong, never what stood in them. */
function parseJson<Body>(schema: z.ZodType<Body>, bytes: Uint8Array): Body {
	let json: unknown;
	try {
		json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	} catch {
		throw new Refusal('malformed', 400, 'This is not JSON.', 'Reload the page and try again.');
	}
	const parsed = schema.safeParse(json);
	if (parsed.success) return parsed.data;
	const fields = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.') || 'body'))];
	throw new Refusal(
		'malformed',
		400,
		`These fields are not as they should be: ${fields.slice(0, 10).join(', ')}.`,
		'Reload the page and try again.',
	);
}

function nameOf(error: unknown): string {
	return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'unknown';
}
