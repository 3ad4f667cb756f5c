/** Calls about one object. */
import type { Folder, Kept, Measured } from './folder.ts';
import { escaped, Refusal, xml } from './refusal.ts';
import type { Scenario } from './scenario.ts';
import type { Uploads } from './uploads.ts';

export type Call = {
	request: Request;
	url: URL;
	bucket: string;
	key: string;
	folder: Folder;
	uploads: Uploads;
	scenario: Scenario;
};

export async function aboutObject(call: Call): Promise<Response> {
	const { request, url, bucket, key, uploads, folder } = call;
	const uploadId = url.searchParams.get('uploadId');
	switch (request.method) {
		case 'GET':
		case 'HEAD':
			return read(call);
		case 'PUT':
			if (uploadId !== null) {
				const part = await received(call);
				await uploads.put(uploadId, bucket, key, Number(url.searchParams.get('partNumber')), part);
				return new Response(null, { headers: { etag: `"${part.md5.toString('hex')}"` } });
			}
			return request.headers.has('x-amz-copy-source') ? copy(call) : put(call);
		case 'POST':
			if (url.searchParams.has('uploads')) {
				const id = uploads.begin(bucket, { key, ...described(request.headers) });
				return xml(
					`<InitiateMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${escaped(key)}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
				);
			}
			if (uploadId !== null) return join(call, uploadId);
			break;
		case 'DELETE':
			if (uploadId !== null) await uploads.abort(uploadId, bucket, key);
			else await folder.remove(bucket, key);
			return new Response(null, { status: 204 });
	}
	throw new Refusal(405, 'MethodNotAllowed', 'Not allowed against this resource.');
}

const described = (headers: Headers): Pick<Kept, 'contentType' | 'metadata'> => ({
	contentType: headers.get('content-type') ?? 'application/octet-stream',
	metadata: Object.fromEntries(
		[...headers].flatMap(([name, value]) =>
			name.startsWith('x-amz-meta-') ? [[name.slice('x-amz-meta-'.length), value]] : [],
		),
	),
});

/** The body, held against what was said of it. */
async function received({ request, folder }: Call): Promise<Measured> {
	const { headers } = request;
	const announced = headers.get('content-length');
	if (announced === null) throw new Refusal(411, 'MissingContentLength', 'Say how long it is.');
	const measured = await folder.receive(request.body);
	const hash = headers.get('x-amz-content-sha256') ?? 'UNSIGNED-PAYLOAD';
	const md5 = headers.get('content-md5');
	const problem =
		measured.bytes !== Number(announced)
			? new Refusal(400, 'IncompleteBody', 'Fewer bytes than announced.')
			: hash !== 'UNSIGNED-PAYLOAD' && hash !== measured.sha256
				? new Refusal(400, 'XAmzContentSHA256Mismatch', 'The body is not what was signed.')
				: md5 !== null && md5 !== measured.md5.toString('base64')
					? new Refusal(400, 'BadDigest', 'The body is not what its MD5 says.')
					: null;
	if (problem) {
		await folder.discard(measured);
		throw problem;
	}
	return measured;
}

async function put(call: Call): Promise<Response> {
	const { request, bucket, key, folder, scenario } = call;
	const isTaken = () =>
		request.headers.get('if-none-match') === '*' && folder.bucket(bucket)?.has(key);
	const taken = new Refusal(412, 'PreconditionFailed', 'At least one precondition did not hold.');
	if (isTaken()) throw taken;
	const measured = await received(call);
	if (isTaken()) {
		await folder.discard(measured);
		throw taken;
	}
	const etag = measured.md5.toString('hex');
	if (scenario.vanishing) await folder.discard(measured);
	else
		await folder.keep(
			bucket,
			{ key, bytes: measured.bytes, etag, ...described(request.headers) },
			measured.file,
		);
	return new Response(null, { headers: { etag: `"${etag}"` } });
}

async function copy({ request, bucket, key, folder }: Call): Promise<Response> {
	const named = decodeURIComponent(request.headers.get('x-amz-copy-source') ?? '').replace(
		/^\//,
		'',
	);
	const slash = named.indexOf('/');
	const [from, source] = [named.slice(0, slash), named.slice(slash + 1)];
	const object = folder.bucket(from)?.get(source);
	if (!object) throw new Refusal(404, 'NoSuchKey', 'The specified key does not exist.');
	const made = await folder.keep(bucket, { ...object, key }, await folder.copy(from, source));
	return xml(
		`<CopyObjectResult><ETag>&#34;${made.etag}&#34;</ETag><LastModified>${made.changedAt}</LastModified></CopyObjectResult>`,
	);
}

async function join(
	{ request, bucket, key, uploads, scenario }: Call,
	id: string,
): Promise<Response> {
	const body = await request.text();
	if (scenario.joinFails)
		return xml('<Error><Code>InternalError</Code><Message>Please try again.</Message></Error>');
	const { etag } = await uploads.join(id, bucket, key, body);
	return xml(
		`<CompleteMultipartUploadResult><Key>${escaped(key)}</Key><ETag>&#34;${etag}&#34;</ETag></CompleteMultipartUploadResult>`,
	);
}

function read({ request, url, bucket, key, folder }: Call): Response {
	const object = folder.bucket(bucket)?.get(key);
	if (!object) {
		if (request.method === 'HEAD') return new Response(null, { status: 404 });
		throw new Refusal(404, 'NoSuchKey', 'The specified key does not exist.');
	}
	const headers = new Headers({
		'content-length': String(object.bytes),
		'content-type': object.contentType,
		etag: `"${object.etag}"`,
		'last-modified': new Date(object.changedAt).toUTCString(),
	});
	for (const [name, value] of Object.entries(object.metadata))
		headers.set(`x-amz-meta-${name}`, value);
	for (const name of ['content-type', 'content-disposition', 'cache-control']) {
		const said = url.searchParams.get(`response-${name}`);
		if (said !== null) headers.set(name, said);
	}
	return new Response(request.method === 'HEAD' ? null : folder.open(bucket, key), { headers });
}
