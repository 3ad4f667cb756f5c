/** Where everything answers: twelve ports in a row from `SANDBOX_BASE`. */

/** Below the ports that Linux and macOS lend to outgoing connections, one of which could sit on ours. */
export const DEFAULT_BASE = 24320;

export const ports = {
	page: 0,
	supabase: 1,
	postgres: 2,
	r2: 3,
	functions: 4,
	fal: 5,
	stripe: 6,
	google: 7,
	mail: 8,
	smtp: 9,
	web: 10,
	gemini: 11,
};

export type Urls = ReturnType<typeof urlsFrom>;

export const urlsFrom = (base: number) => {
	const at = (offset: number) => `http://127.0.0.1:${base + offset}`;
	return {
		/** The sandbox's own page. */
		page: at(ports.page),
		supabase: at(ports.supabase),
		/** As the gateway shows them; Deno itself listens one door further in. */
		functions: `${at(ports.supabase)}/functions/v1`,
		deno: at(ports.functions),
		r2: at(ports.r2),
		fal: at(ports.fal),
		gemini: at(ports.gemini),
		stripe: at(ports.stripe),
		google: at(ports.google),
		mail: at(ports.mail),
		app: at(ports.web),
	};
};
