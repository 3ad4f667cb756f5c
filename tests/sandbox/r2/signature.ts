/** Who signed a request, and whether it is what was signed: AWS Signature Version 4, by signing it once more. */
import { timingSafeEqual } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import { Refusal } from './refusal.ts';

export type Credentials = { accessKeyId: string; secretAccessKey: string };

/** Minutes that a clock may be off, and seconds that an address may live: seven days. */
const skewMinutes = 15;
const longestLife = 604_800;

/** The header names that a signature covers. Throws a refusal in S3's words. */
export async function verify(
	request: { method: string; url: string; headers: Headers },
	{ accessKeyId, secretAccessKey }: Credentials,
	now: Date,
): Promise<Set<string>> {
	const url = new URL(request.url);
	const isQuery = url.searchParams.has('X-Amz-Signature');
	const said = isQuery ? fromQuery(url.searchParams) : fromHeader(request.headers);
	const [key, date, region, service, end] = said.credential.split('/');
	if (key !== accessKeyId)
		throw new Refusal(403, 'InvalidAccessKeyId', 'The key is not known here.');
	if (service !== 's3' || end !== 'aws4_request' || !['auto', 'us-east-1'].includes(region ?? ''))
		throw new Refusal(400, 'AuthorizationHeaderMalformed', 'The credential scope is not ours.');
	const at = timeOf(said.datetime);
	if (!said.datetime.startsWith(date ?? '-') || Number.isNaN(at))
		throw new Refusal(403, 'AccessDenied', 'The date is not that of the credential.');
	const age = (now.getTime() - at) / 1000;
	if (isQuery) {
		if (!(said.expires >= 1 && said.expires <= longestLife))
			throw new Refusal(400, 'AuthorizationQueryParametersError', 'X-Amz-Expires is out of range.');
		if (age > said.expires) throw new Refusal(403, 'AccessDenied', 'Request has expired');
		if (age < -skewMinutes * 60) throw new Refusal(403, 'AccessDenied', 'Request is not valid yet');
	} else if (Math.abs(age) > skewMinutes * 60)
		throw new Refusal(403, 'RequestTimeTooSkewed', 'The clocks differ too much.');

	const names = new Set(said.signedHeaders.split(';'));
	if (!names.has('host')) throw new Refusal(403, 'AccessDenied', 'The host is not signed.');
	// What speaks to S3 itself must be signed, or anybody who holds the address could add to it.
	const loose = [...request.headers.keys()].find(
		(name) => name.startsWith('x-amz-') && !names.has(name),
	);
	if (loose !== undefined)
		throw new Refusal(403, 'AccessDenied', `There were headers present which were not signed`);
	const headers = new Headers();
	for (const name of names) if (name !== 'host') headers.set(name, request.headers.get(name) ?? '');
	url.searchParams.delete('X-Amz-Signature');
	const signer = new AwsV4Signer({
		method: request.method,
		url: url.href,
		headers,
		accessKeyId,
		secretAccessKey,
		service: 's3',
		region: region ?? '',
		datetime: said.datetime,
		signQuery: isQuery,
		allHeaders: true,
	});
	if (!isSame(await signer.signature(), said.signature))
		throw new Refusal(
			403,
			'SignatureDoesNotMatch',
			'The request signature we calculated does not match the signature you provided.',
		);
	return names;
}

type Said = {
	credential: string;
	datetime: string;
	expires: number;
	signedHeaders: string;
	signature: string;
};

function fromQuery(query: URLSearchParams): Said {
	const of = (name: string) => query.get(`X-Amz-${name}`) ?? '';
	if (of('Algorithm') !== 'AWS4-HMAC-SHA256')
		throw new Refusal(400, 'AuthorizationQueryParametersError', 'Only AWS4-HMAC-SHA256.');
	return {
		credential: of('Credential'),
		datetime: of('Date'),
		expires: Number(of('Expires')),
		signedHeaders: of('SignedHeaders'),
		signature: of('Signature'),
	};
}

function fromHeader(headers: Headers): Said {
	const parts =
		/^AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]+)$/.exec(
			headers.get('authorization') ?? '',
		);
	if (!parts) throw new Refusal(403, 'AccessDenied', 'Access Denied');
	const [, credential = '', signedHeaders = '', signature = ''] = parts;
	const datetime = headers.get('x-amz-date') ?? '';
	return { credential, datetime, expires: NaN, signedHeaders, signature };
}

function isSame(one: string, other: string): boolean {
	const [a, b] = [Buffer.from(one), Buffer.from(other)];
	return a.length === b.length && timingSafeEqual(a, b);
}

/** `20261125T221500Z` in milliseconds. */
const timeOf = (datetime: string): number =>
	Date.parse(datetime.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
