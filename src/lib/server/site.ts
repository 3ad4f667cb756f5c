/** What pages know of this installation: its name, whom to write to, and what is offered here. */
import type { Engine } from '#domain/engine.ts';
import { contacts } from '#domain/privacy/contacts.ts';
import { processors } from '#domain/privacy/processors.ts';
import { env, type Env } from './env.ts';

export type Site = {
	name: string;
	/** Whom to write to about one's data or money. */
	mail: string;
	/** Who can make portraits here. */
	engines: readonly Engine[];
	/** The companies that keep the files. */
	keepers: readonly string[];
	/** Which ways to sign in there are. */
	ways: Env['SIGN_IN'];
};

/** The engine of that name, if it makes portraits here. */
export const offeredEngine = (name: string | null | undefined): Engine | undefined =>
	env().ENGINES.find((engine) => engine === name);

/** Chosen before anybody chose: the first that the profile names. */
export const defaultEngine = (): Engine => env().ENGINES[0] ?? 'instant';

export function site(): Site {
	const { PROFILE, SITE_NAME, ENGINES, SIGN_IN, FILE_STORE, FILE_STORE_BEFORE } = env();
	return {
		name: SITE_NAME,
		mail: contacts[PROFILE].privacy,
		engines: ENGINES,
		keepers: processors
			.filter(({ id }) => id === FILE_STORE || id === FILE_STORE_BEFORE)
			.map(({ name }) => name),
		ways: SIGN_IN,
	};
}
