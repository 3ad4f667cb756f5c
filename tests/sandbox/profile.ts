/** The file that says which of the systems a stack is, and making its database follow it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { defaultProfile, type Profile, profiles } from '#domain/profile.ts';
import type { Keys } from './keys.ts';
import { Trouble } from './trouble.ts';
import type { Urls } from './urls.ts';

const folder = join(import.meta.dirname, '..', '..', 'supabase', 'profiles');

const file = z.object({ PROFILE: z.enum(profiles) }).catchall(z.string());

export function readProfile(profile: string): z.infer<typeof file> {
	const path = join(folder, `${profile}.env`);
	if (!/^[a-z]+$/.test(profile) || !existsSync(path)) {
		const known = readdirSync(folder).map((name) => name.replace('.env', ''));
		throw new Trouble(`There is no profile "${profile}". There is ${known.join(' and ')}.`);
	}
	return file.parse(parseEnv(readFileSync(path, 'utf8')));
}

/** Each profile has a data folder of its own: to switch to the other breaks nothing. */
export const folderOf = (profile: Profile, base: number): string =>
	profile === defaultProfile ? String(base) : `${base}-${profile}`;

/** As the operator does it after a deployment. */
export async function applyProfile(urls: Urls, keys: Keys): Promise<void> {
	const response = await fetch(`${urls.functions}/apply-profile`, {
		method: 'POST',
		headers: { 'x-cron-secret': keys.cron },
	});
	if (!response.ok) throw new Error(`apply-profile: ${await response.text()}`);
}
