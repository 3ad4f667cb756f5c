import { processorsOf } from '../_shared/domain/settings.ts';
import { operatorDoor } from '../_shared/runtime/http.ts';

/** Rung by the operator after the settings were put in place: makes the database that of this profile. */
export const handler = operatorDoor(async ({ store, settings, log }) => {
	const processors = processorsOf(settings);
	const { PROFILE: profile, OFFERS: offers } = settings;
	await store.applyProfile(profile, processors, offers);
	log.info('profile.applied', { profile, processors: processors.join(), offers: offers.join() });
	return { profile, processors, offers };
});
