/**
 * Who makes a portrait. `studio`: a private model, trained of the person. `instant`: the photos
 * themselves, shown along with the request; no model is made. SQL mirrors every rule here.
 */
import { consentPurposes, type ConsentPurpose } from './consent.ts';
import type { ProcessorId } from './privacy/processors.ts';

export const engines = ['studio', 'instant'] as const;

export type Engine = (typeof engines)[number];

/** How many photos a shoot needs, and how many it takes. */
export const photoCounts = {
	studio: { min: 10, max: 20 },
	instant: { min: 1, max: 5 },
} as const satisfies Record<Engine, { min: number; max: number }>;

/** What has to be agreed to before a photo may be uploaded or a portrait made. */
export const consentsFor = {
	studio: consentPurposes,
	instant: ['adult', 'terms', 'photo_processing'],
} as const satisfies Record<Engine, readonly ConsentPurpose[]>;

/** Google's log against abuse holds a request, and what came of it, for so long. Nothing else is kept there. */
export const instantLogDays = 55;

/** The company that does the work. An engine can be chosen exactly while it is switched on. */
export const processorOf = {
	studio: 'fal',
	instant: 'gemini',
} as const satisfies Record<Engine, ProcessorId>;
