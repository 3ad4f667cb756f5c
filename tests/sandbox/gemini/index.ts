/**
 * Google's Gemini API on this machine, as far as a product that only asks for pictures may use it:
 * `generateContent` and the look at a model. See `scenario.ts` for what can be made to go wrong.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { z } from 'zod';
import { Album } from '../album.ts';
import { type Loopback, serveOnLoopback } from '../loopback.ts';
import { Scenarios } from '../scenarios.ts';
import { controlRoutes } from './control.ts';
import { black, draw, hashOf, signed } from './picture.ts';
import type { Scenario } from './scenario.ts';
import { type Body, bodySchema, keyInfo, refusal, retryInfo, sizeOf } from './wire.ts';

export const settingsSchema = z.object({
	/** How long a picture takes, ms. */
	imageMs: z.coerce.number().min(0),
	/** Of the account; more are answered with 429. */
	imagesPerMinute: z.coerce.number().int().min(1),
	/** Whether the first picture of some photos is handed out for all later ones; see `album.ts`. */
	isDrawnOnce: z.boolean(),
});
export type Settings = z.infer<typeof settingsSchema>;

/** One request, as the log of the control plane shows it. */
export type Call = {
	at: number;
	endedAt: number | null;
	model: string;
	prompt: string;
	photos: { mimeType: string; bytes: number; sha256: string }[];
	config: Body['generationConfig'] | null;
	status: number;
	scenario: string | null;
};

export type World = {
	models: readonly string[];
	settings: Settings;
	calls: Call[];
	/** Everything that was asked for, whatever it was: the proof that nothing else is. */
	requests: { method: string; path: string; status: number }[];
	scenarios: Scenarios<Scenario>;
	album: Album;
};

const inlineLimit = 20_000_000;

/** `GEMINI_BASE_URL` is the url. */
export async function startGemini(options: {
	port: number;
	key: string;
	models?: readonly string[];
	imageMs?: number;
	imagesPerMinute?: number;
}): Promise<Loopback> {
	const world: World = {
		models: options.models ?? ['gemini-nano-banana-2.1', 'gemini-3-pro-image'],
		settings: {
			imageMs: options.imageMs ?? 1500,
			imagesPerMinute: options.imagesPerMinute ?? 120,
			isDrawnOnce: false,
		},
		calls: [],
		requests: [],
		scenarios: new Scenarios(),
		album: new Album(),
	};
	return serveOnLoopback('Gemini', options.port, () => {
		const app = new Hono<{ Bindings: HttpBindings }>();
		app.use(async (c, next) => {
			await next();
			const { method, path } = c.req;
			if (path === '/' || path.startsWith('/__control/')) return;
			world.requests.push({ method, path, status: c.res.status });
		});
		app.route('/', controlRoutes(world));
		app.use('/:version{v1|v1beta}/*', async (c, next) => {
			const key = c.req.header('x-goog-api-key');
			if (key === undefined) return refusal(403, "Method doesn't allow unregistered callers.");
			if (key !== options.key)
				return refusal(400, 'API key not valid. Please pass a valid API key.', [keyInfo]);
			return next();
		});
		app.get('/:version{v1|v1beta}/models/:model', (c) => {
			const model = c.req.param('model');
			if (!isThere(world, model)) return gone(model);
			return c.json({ name: `models/${model}`, supportedGenerationMethods: ['generateContent'] });
		});
		app.post('/:version{v1|v1beta}/models/:call', async (c) => {
			const [model = '', method] = c.req.param('call').split(':');
			if (method !== 'generateContent' || !isThere(world, model)) return gone(model);
			const answer = await generate(world, model, await c.req.text());
			if (answer !== 'cut off') return answer;
			c.env.incoming.socket.destroy();
			return new Response(null);
		});
		return app.fetch;
	});
}

const isThere = ({ models, scenarios }: World, model: string): boolean =>
	models.includes(model) &&
	!(model === models[0] && scenarios.list().some(({ name }) => name === 'modelRetired'));

const gone = (model: string) =>
	refusal(
		404,
		`models/${model} is not found for API version v1, or is not supported for generateContent.`,
	);

async function generate(world: World, model: string, text: string): Promise<Response | 'cut off'> {
	if (text.length > inlineLimit) return refusal(400, 'Request payload size exceeds the limit.');
	const body = read(text);
	if ('refused' in body) return body.refused;
	const scenario = world.scenarios.take(({ name }) => name !== 'modelRetired');
	const call = noted(world, model, body, scenario);
	const answer = await work(world, call, body, scenario);
	call.endedAt = Date.now();
	call.status = answer === 'cut off' ? 0 : answer.status;
	return answer;
}

function read(text: string): Body | { refused: Response } {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch {
		return { refused: refusal(400, 'Invalid JSON payload received.') };
	}
	const parsed = bodySchema.safeParse(json);
	if (parsed.success) return parsed.data;
	return {
		refused: refusal(400, `Invalid JSON payload received. ${z.prettifyError(parsed.error)}`),
	};
}

const partsOf = (body: Body) => body.contents.flatMap(({ parts }) => parts);
const photosOf = (body: Body) =>
	partsOf(body).flatMap((part) => ('inlineData' in part ? [part.inlineData] : []));
const bytesOf = ({ data }: { data: string }) => new Uint8Array(Buffer.from(data, 'base64'));
const promptOf = (body: Body) =>
	partsOf(body)
		.flatMap((part) => ('text' in part ? [part.text] : []))
		.join('\n');

function noted(world: World, model: string, body: Body, scenario: Scenario | null): Call {
	const call: Call = {
		at: Date.now(),
		endedAt: null,
		model,
		prompt: promptOf(body),
		photos: photosOf(body).map((photo) => {
			const bytes = bytesOf(photo);
			return { mimeType: photo.mimeType, bytes: bytes.length, sha256: hashOf(bytes) };
		}),
		config: body.generationConfig ?? null,
		status: 0,
		scenario: scenario?.name ?? null,
	};
	world.calls.push(call);
	return call;
}

async function work(
	{ settings, calls, album }: World,
	call: Call,
	body: Body,
	scenario: Scenario | null,
): Promise<Response | 'cut off'> {
	const recent = calls.filter(({ at, status }) => at > call.at - 60_000 && status !== 429);
	if (recent.length > settings.imagesPerMinute)
		return refusal(429, 'You exceeded your current quota.', [retryInfo(20)]);
	const config = body.generationConfig;
	if (!config?.responseModalities.includes('IMAGE'))
		return said(call, [{ text: 'Pictures were not asked for.' }]);
	const size = sizeOf(config.imageConfig);
	switch (scenario?.name) {
		case 'busy429':
			return refusal(429, 'Resource has been exhausted.', [retryInfo(scenario.seconds)]);
		case 'error503':
			return refusal(503, 'The model is overloaded. Please try again later.');
		case 'error500':
			return refusal(500, 'An internal error has occurred.');
		case 'promptBlocked':
			return Response.json({
				...about(call),
				promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
			});
		case 'promptBlockedOther':
			return Response.json({ ...about(call), promptFeedback: { blockReason: 'OTHER' } });
		case 'imageSafety':
			return said(call, [], 'IMAGE_SAFETY');
		case 'noImage':
			return said(call, [], 'NO_IMAGE');
		case 'textOnly':
			return said(call, [{ text: 'Here is your portrait.' }]);
		default:
	}
	const drawn = async () => {
		const picture =
			scenario?.name === 'blackPicture'
				? black(size)
				: await draw(call.prompt, photosOf(body).map(bytesOf), size);
		return scenario?.name === 'jpeg'
			? picture.jpeg({ quality: 90 }).toBuffer()
			: picture.png({ compressionLevel: 4 }).toBuffer();
	};
	const motif = JSON.stringify([scenario?.name, size, call.photos]);
	const [picture] = await Promise.all([
		settings.isDrawnOnce ? album.once(motif, drawn) : drawn(),
		wait(scenario?.name === 'slow' ? 30_000 : settings.imageMs),
	]);
	const file = new Uint8Array(picture);
	switch (scenario?.name) {
		case 'jpeg':
			return said(call, [inline('image/jpeg', file)]);
		case 'timedOut':
			return refusal(504, 'Deadline expired before operation could complete.');
		case 'answerLost':
			return 'cut off';
		case 'brokenPicture':
			return said(call, [inline('image/png', file.subarray(0, file.length / 2))]);
		case 'signed':
			return said(call, [inline('image/png', await signed(file))]);
		case 'thoughtFirst': {
			const sketch = await black({ width: 64, height: 80 }).png().toBuffer();
			const parts = [{ thought: true, ...inline('image/png', sketch) }, { text: 'Done.' }];
			return said(call, [...parts, inline('image/png', file)]);
		}
		default:
			return said(call, [inline('image/png', file)]);
	}
}

const inline = (mimeType: string, bytes: Uint8Array) => ({
	inlineData: { mimeType, data: Buffer.from(bytes).toString('base64') },
});

const about = ({ model, photos }: Call) => ({
	usageMetadata: { promptTokenCount: 60 + 1100 * photos.length, totalTokenCount: 2400 },
	modelVersion: model,
	responseId: crypto.randomUUID(),
});

const said = (call: Call, parts: readonly object[], finishReason = 'STOP'): Response =>
	Response.json({
		candidates: [
			{ ...(parts.length > 0 && { content: { role: 'model', parts } }), finishReason, index: 0 },
		],
		...about(call),
	});
