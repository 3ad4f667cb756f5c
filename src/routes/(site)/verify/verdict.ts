/** The findings in words. */
import type { Report } from '$lib/verify/check.ts';
import type { ManifestFinding } from '$lib/verify/manifest.ts';

type Row = { term: string; finding: string; detail?: string };
export type Verdict = { title: string; lead: string; rows: Row[] };

const sources: Record<string, string> = {
	trainedAlgorithmicMedia: 'Made by a trained algorithm',
	compositeWithTrainedAlgorithmicMedia: 'A photo, edited by a trained algorithm',
};
const inWords = (source: string) => sources[source] ?? `Marked as “${source}”`;
const day = new Intl.DateTimeFormat('en', { dateStyle: 'long' });
const moment = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short' });

/** `known`: fingerprints of our own certificates. */
export function verdictOf(report: Report, known: readonly string[]): Verdict {
	const { xmp, manifest, isOurs } = report;
	const source =
		xmp?.sourceType ?? (manifest.kind === 'signed' ? manifest.sourceType : null) ?? null;
	const isWhole = manifest.kind === 'signed' && manifest.doesSignatureHold && manifest.areBytesSame;
	return {
		...headline(isOurs, source, manifest, isWhole),
		rows: [
			{
				term: 'How it came about',
				finding: source === null ? 'No word of it' : inWords(source),
				detail:
					source === null
						? 'Missing marks prove nothing: most programs and sites take them away when they save a picture again.'
						: 'So it says of itself, in IPTC’s words.',
			},
			...(xmp?.tool ? [{ term: 'Made with', finding: xmp.tool }] : []),
			...(xmp?.madeAt ? [{ term: 'Made at', finding: momentOf(xmp.madeAt) }] : []),
			...(xmp?.id ? [{ term: 'Its own number', finding: xmp.id }] : []),
			...signature(manifest, known),
			hash(report),
		],
	};
}

function headline(
	isOurs: Report['isOurs'],
	source: string | null,
	manifest: ManifestFinding,
	isWhole: boolean,
): Pick<Verdict, 'title' | 'lead'> {
	if (isOurs === 'yes')
		return {
			title: 'This is a portrait of ours, unchanged.',
			lead: 'A machine made it. Every byte is as we delivered it.',
		};
	if (manifest.kind !== 'none' && !isWhole)
		return {
			title: 'It was changed after it was signed.',
			lead: 'The signature in the file does not fit its bytes, so what it says cannot be relied on.',
		};
	if (isWhole)
		return {
			title: 'It is as it was when it was signed.',
			lead: 'Below stands who signed it, and what was said then.',
		};
	if (source !== null)
		return {
			title: 'It says how it was made, unsigned.',
			lead: 'Anybody can write or change such words, so take them as a hint.',
		};
	return {
		title: 'It carries no marks.',
		lead: 'It may be a photograph, or its marks were lost on the way. This page cannot tell which.',
	};
}

function signature(manifest: ManifestFinding, known: readonly string[]): Row[] {
	const term = 'Signature (C2PA)';
	switch (manifest.kind) {
		case 'none':
			return [
				{
					term,
					finding: 'None',
					detail: 'Signatures are read in JPEG and PNG. In WebP this page does not find them.',
				},
			];
		case 'unreadable':
			return [{ term, finding: 'Damaged', detail: 'There is one, but it cannot be read.' }];
		case 'signed': {
			const { signer, doesSignatureHold, areBytesSame, generator } = manifest;
			const isKnown = known.includes(signer.fingerprint);
			return [
				{
					term,
					finding: doesSignatureHold
						? 'Valid signature, signer not in a trust list'
						: 'The signature does not hold',
					detail: isKnown
						? 'It is the certificate that we publish on this page. This page holds no trust list of others.'
						: 'This page does not know the certificate: anybody can make one in this name.',
				},
				{
					term: 'Signed by',
					finding: [signer.name, signer.organisation].filter(Boolean).join(', '),
					detail: `With ${generator || 'an unnamed program'}; certificate valid until ${day.format(signer.until)}.`,
				},
				{
					term: 'Its bytes',
					finding: areBytesSame ? 'Unchanged since it was signed' : 'Changed since it was signed',
				},
			];
		}
	}
}

function hash({ sha256, isOurs }: Report): Row {
	const asked = `We were asked for all hashes that begin with ${sha256.slice(0, 5)}, and not which one was meant.`;
	const findings = {
		yes: { finding: 'Ours', detail: asked },
		no: {
			finding: 'Not among ours',
			detail: `${asked} Portraits that were deleted are not among them any more.`,
		},
		unknown: {
			finding: 'Could not be asked',
			detail: 'The list could not be reached. Everything else was checked without it.',
		},
	} as const satisfies Record<Report['isOurs'], Omit<Row, 'term'>>;
	return { term: 'Its hash', ...findings[isOurs] };
}

function momentOf(said: string): string {
	const time = new Date(said);
	return Number.isNaN(time.getTime()) ? said : moment.format(time);
}
