/** The gaps between lite's Storage and the hosted one: what clients read from signatures, and folders. */
import { createHmac } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { type Behind, withBody } from './gateway.ts';
import { listBody, objects, oneLevel } from './gateway-listing.ts';
import { uploads } from './storage-files.ts';

const signed = z.object({ signedUrl: z.string(), token: z.string().optional() });
const signMany = z.object({ expiresIn: z.number().int().positive(), paths: z.array(z.string()) });
const removeBody = z.object({ prefixes: z.array(z.string()) });

/** The sign endpoints answer paths below `/storage/v1`, which the client puts before them. */
const relative = (path: string) => path.replace(/^\/storage\/v1/, '');
/** Storage's refusals are 400 on the wire, with the true status inside. */
const refusal = (context: Context, statusCode: string, error: string, message: string) =>
	context.json({ statusCode, error, message }, 400);

export function storageGaps({ config, lite, sql, files }: Behind): Hono {
	const hono = new Hono();

	// The files go inside the transaction: of what breaks off a row is left, never a file that nobody can name.
	const removeAll = (bucket: string, keys: string[]) =>
		sql.begin(async (own) => {
			await own`set local storage.allow_delete_query = 'true'`;
			const gone =
				await own`delete from storage.objects where bucket_id = ${bucket} and name = any (${keys}) returning *`;
			await files.deleteObjects(bucket, keys);
			return gone;
		});

	/** lite's answer, read and rewritten when it is a good one. */
	const rewritten = async <T>(
		request: Request,
		kind: z.ZodType<T>,
		rewrite: (body: T) => unknown,
	) => {
		const answer = await lite(request);
		if (!answer.ok) return answer;
		const headers = new Headers(answer.headers);
		headers.delete('content-length');
		const body = rewrite(kind.parse(await answer.json()));
		return new Response(JSON.stringify(body), { status: answer.status, headers });
	};

	hono.post('/object/upload/sign/:bucket/*', (context) =>
		rewritten(context.req.raw, signed, ({ signedUrl, token }) => ({
			url: relative(signedUrl),
			token,
		})),
	);
	// lite takes a batch for one object without a name. What the caller may see is asked once, by folder.
	hono.post('/object/sign/:bucket', async (context) => {
		const { expiresIn, paths } = signMany.parse(await context.req.json());
		const bucket = context.req.param('bucket');
		const url = new URL(`/storage/v1/object/list/${bucket}`, context.req.url);
		const prefix = commonFolder(paths);
		const seen = await lite(
			withBody(
				new Request(url, { method: 'POST', headers: context.req.raw.headers }),
				JSON.stringify({ prefix }),
			),
		);
		if (!seen.ok) return seen;
		const visible = new Set(objects.parse(await seen.json()).map(({ name }) => name));
		return context.json(
			paths.map((path) =>
				visible.has(path)
					? {
							path,
							error: null,
							signedURL: `/object/sign/${bucket}/${path}?token=${token(config.keys.jwtSecret, bucket, path, expiresIn)}`,
						}
					: {
							path,
							error: 'Either the object does not exist or you do not have access to it',
							signedURL: null,
						},
			),
		);
	});
	hono.post('/object/sign/:bucket/*', (context) =>
		rewritten(context.req.raw, signed, ({ signedUrl }) => ({ signedURL: relative(signedUrl) })),
	);

	hono.get('/object/sign/:bucket/*', async (context) => {
		const answer = await lite(context.req.raw);
		// A bad or outdated token makes lite stumble; the hosted one says so.
		if (answer.status === 500 || answer.status === 403)
			return refusal(context, '400', 'InvalidJWT', '"exp" claim timestamp check failed');
		const name = context.req.query('download');
		if (name === undefined || !answer.ok) return answer;
		const headers = new Headers(answer.headers);
		const file = encodeURIComponent(name);
		headers.set(
			'content-disposition',
			name === '' ? 'attachment;' : `attachment; filename=${file}; filename*=UTF-8''${file};`,
		);
		return new Response(answer.body, { status: answer.status, headers });
	});

	const underWay = new Map<string, Promise<Response>>();
	/** A multipart upload carries one file among fields; lite reads that form in one of its doors only. */
	const upload = async (context: Context) => {
		const type = context.req.header('content-type') ?? '';
		const request = type.startsWith('multipart/form-data')
			? await withoutForm(context.req.raw)
			: context.req.raw;
		const state = { isTooLarge: false };
		const send = () => uploads.run(state, () => lite(request));
		// lite looks whether something lies there, then writes: of two at once the second would write over the first.
		const before = underWay.get(context.req.path);
		const answered = before ? before.then(send, send) : send();
		underWay.set(context.req.path, answered);
		const answer = await answered.finally(() => {
			if (underWay.get(context.req.path) === answered) underWay.delete(context.req.path);
		});
		if (!answer.ok) await readToItsEnd(request);
		return state.isTooLarge
			? refusal(context, '413', 'Payload too large', 'The object exceeded the maximum allowed size')
			: answer;
	};
	hono.put('/object/upload/sign/:bucket/*', async (context) => {
		const answer = await upload(context);
		if (answer.status === 500)
			return refusal(context, '400', 'InvalidJWT', '"exp" claim timestamp check failed');
		if (!answer.ok) return answer;
		const { Key } = z.object({ Key: z.string() }).parse(await answer.json());
		const headers = new Headers(answer.headers);
		headers.delete('content-length');
		return new Response(JSON.stringify({ Key: `${context.req.param('bucket')}/${Key}` }), {
			headers,
		});
	});

	hono.post('/object/list/:bucket', async (context) => {
		const body = listBody.parse(await context.req.json());
		const folder =
			body.prefix === '' || body.prefix.endsWith('/') ? body.prefix : `${body.prefix}/`;
		// No limit here: rows of deeper folders are what a folder row is made of.
		const everything = withBody(context.req.raw, JSON.stringify({ prefix: folder }));
		return rewritten(everything, objects, (rows) => oneLevel(rows, folder, body));
	});

	hono.delete('/object/:bucket', async (context) => {
		const text = await context.req.text();
		const body = removeBody.safeParse(JSON.parse(text));
		if (body.success && body.data.prefixes.length > 1000)
			return refusal(context, '400', 'Error', 'body/prefixes must NOT have more than 1000 items');
		// lite asks and deletes one by one. Whom no policy holds back gets all of them in one statement.
		if (body.success && context.req.header('apikey') === config.keys.secret)
			return context.json(await removeAll(context.req.param('bucket'), body.data.prefixes));
		return lite(withBody(context.req.raw, text));
	});

	hono.on(['POST', 'PUT'], '/object/:bucket{(?!list$|sign$|upload$|move$|copy$)[^/]+}/*', upload);
	return hono;
}

/** Who sends hears a refusal only when everything is sent: what was left unread is read now. */
async function readToItsEnd({ body }: Request): Promise<void> {
	if (body !== null && !body.locked) await body.pipeTo(new WritableStream());
}

async function withoutForm(request: Request): Promise<Request> {
	const form = await request.formData();
	const file = [...form.values()].find((part) => part instanceof File);
	if (!file) return request;
	return withBody(request, file, {
		'content-type': file.type || 'application/octet-stream',
		'content-length': String(file.size),
	});
}

/** The deepest folder that all the paths lie in, with its slash. */
function commonFolder(paths: readonly string[]): string {
	const [first = ''] = paths;
	let end = first.lastIndexOf('/') + 1;
	while (end > 0 && !paths.every((path) => path.startsWith(first.slice(0, end))))
		end = first.lastIndexOf('/', end - 2) + 1;
	return first.slice(0, end);
}

/** A download token as lite signs and reads it. */
function token(secret: string, bucket: string, path: string, expiresIn: number): string {
	const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
	const now = Math.floor(Date.now() / 1000);
	const words = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: path, bucket, intent: 'download', iat: now, exp: now + expiresIn })}`;
	return `${words}.${createHmac('sha256', secret).update(words).digest('base64url')}`;
}
