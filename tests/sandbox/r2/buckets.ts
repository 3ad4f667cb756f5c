/** Calls about a bucket: what lies in it, many deletions at once, and its settings. */
import { createHash } from 'node:crypto';
import type { Call } from './objects.ts';
import { escaped, Refusal, unescaped, xml } from './refusal.ts';
import type { Settings } from './settings.ts';

const most = 1000;

export async function aboutBucket(call: Call, settings: Settings): Promise<Response> {
	const { request, url, bucket, folder } = call;
	const asked = url.searchParams;
	const kind = asked.has('cors') ? 'cors' : asked.has('lifecycle') ? 'lifecycle' : null;
	if (request.method === 'PUT' && kind === null) {
		folder.makeBucket(bucket);
		return new Response(null, { headers: { location: `/${bucket}` } });
	}
	if (!folder.bucket(bucket))
		throw new Refusal(404, 'NoSuchBucket', 'The specified bucket does not exist.');
	if (request.method === 'HEAD') return new Response(null);
	if (kind !== null && request.method === 'PUT') {
		settings.put(bucket, kind, await request.text());
		return new Response(null);
	}
	if (kind !== null && request.method === 'GET') {
		const text = settings.get(bucket, kind);
		if (text !== undefined)
			return new Response(text, { headers: { 'content-type': 'application/xml' } });
		throw kind === 'cors'
			? new Refusal(404, 'NoSuchCORSConfiguration', 'There is none.')
			: new Refusal(404, 'NoSuchLifecycleConfiguration', 'There is none.');
	}
	if (request.method === 'GET' && asked.get('list-type') === '2') return list(call);
	if (request.method === 'POST' && asked.has('delete')) return deleteMany(call);
	throw new Refusal(405, 'MethodNotAllowed', 'Not allowed against this resource.');
}

/** Keys in the order of their bytes; a token is the last key of the page before, sealed against guessing. */
function list({ url, bucket, folder }: Call): Response {
	const prefix = url.searchParams.get('prefix') ?? '';
	const limit = Math.min(Number(url.searchParams.get('max-keys') ?? most) || 0, most);
	const token = url.searchParams.get('continuation-token');
	const start = url.searchParams.get('start-after') ?? '';
	const after = token === null ? start : Buffer.from(token, 'base64url').toString();
	const rest = [...(folder.bucket(bucket)?.values() ?? [])]
		.filter(({ key }) => key.startsWith(prefix) && key > after)
		.sort((a, b) => (a.key < b.key ? -1 : 1));
	const page = rest.slice(0, limit);
	const isTruncated = rest.length > page.length;
	const next = Buffer.from(page.at(-1)?.key ?? '').toString('base64url');
	return xml(
		`<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name><Prefix>${escaped(prefix)}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${limit}</MaxKeys><IsTruncated>${isTruncated}</IsTruncated>${isTruncated ? `<NextContinuationToken>${next}</NextContinuationToken>` : ''}${page
			.map(
				({ key, bytes, etag, changedAt }) =>
					`<Contents><Key>${escaped(key)}</Key><LastModified>${changedAt}</LastModified><ETag>&#34;${etag}&#34;</ETag><Size>${bytes}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
			)
			.join('')}</ListBucketResult>`,
	);
}

async function deleteMany({ request, bucket, folder, scenario }: Call): Promise<Response> {
	const body = await request.text();
	const md5 = request.headers.get('content-md5');
	if (md5 === null)
		throw new Refusal(400, 'InvalidRequest', 'Missing required header: Content-MD5.');
	if (md5 !== createHash('md5').update(body).digest('base64'))
		throw new Refusal(400, 'BadDigest', 'The body is not what its MD5 says.');
	const keys = [...body.matchAll(/<Key>([\s\S]*?)<\/Key>/g)].map(([, key = '']) => unescaped(key));
	if (keys.length === 0 || keys.length > most)
		throw new Refusal(400, 'MalformedXML', 'Between 1 and 1000 keys.');
	if (scenario.deletesNothing) return xml('<DeleteResult></DeleteResult>');
	const [spared, ...others] = scenario.deleteErrors ? keys : [undefined, ...keys];
	for (const key of others) if (key !== undefined) await folder.remove(bucket, key);
	const error =
		spared === undefined
			? ''
			: `<Error><Key>${escaped(spared)}</Key><Code>InternalError</Code><Message>We encountered an internal error. Please try again.</Message></Error>`;
	const isQuiet = body.includes('<Quiet>true</Quiet>');
	const deleted = isQuiet
		? ''
		: others.map((key) => `<Deleted><Key>${escaped(key ?? '')}</Key></Deleted>`).join('');
	return xml(`<DeleteResult>${deleted}${error}</DeleteResult>`);
}
