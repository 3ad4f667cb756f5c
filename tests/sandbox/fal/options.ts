/** What the stand-in is started with, and what may be changed while it runs (`POST /__control/settings`). */
import { z } from 'zod';

export type FalOptions = {
	/** 0 takes a free port. */
	port: number;
	/** Where requests, files and weights are kept between runs; a temporary folder if not given. */
	dataDir?: string;
	/** The account's user id, as webhooks name it. */
	userId: string;
	/** `id:secret` of the key that may call models. */
	key: string;
	/** `id:secret` of the key with ADMIN scope, which may also delete payloads. */
	adminKey: string;
} & Partial<Settings>;

export const settingsSchema = z.strictObject({
	/** Jobs of the account in progress at once; a new account at fal has 2. */
	concurrency: z.number().int().min(1),
	/** How long a training takes, and a picture, ms. */
	trainingMs: z.number().min(0),
	imageMs: z.number().min(0),
	/** Size of the weights file, bytes. */
	weightsBytes: z.number().int().min(1),
	/** The wait before a webhook is delivered again; doubled each time, ms. */
	webhookRetryMs: z.number().min(0),
	/** Whether the JWKS pads its base64url with `=`, as the live one is said to. */
	isJwksPadded: z.boolean(),
	/** Which signing key the JWKS holds; a higher number is a rotation. */
	keyGeneration: z.number().int().min(1),
	/** Whether the first picture of some weights is handed out for all later ones; see `album.ts`. */
	isDrawnOnce: z.boolean(),
	/** Seconds by which the stand-in's clock is ahead: results and files expire sooner. */
	clockAheadSeconds: z.number().min(0),
});

export type Settings = z.infer<typeof settingsSchema>;

export const defaults: Settings = {
	concurrency: 8,
	trainingMs: 20_000,
	imageMs: 2_000,
	weightsBytes: 2_000_000,
	webhookRetryMs: 1_000,
	isJwksPadded: true,
	keyGeneration: 1,
	isDrawnOnce: false,
	clockAheadSeconds: 0,
};
