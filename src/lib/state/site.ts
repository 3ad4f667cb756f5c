import { page } from '$app/state';
import type { Site } from '$lib/server/site.ts';

/** What the root layout knows of this installation, for components that get no data of their own. */
export function theSite(): Site {
	const { site } = page.data;
	if (!site) throw new Error('the root layout did not load');
	return site;
}
