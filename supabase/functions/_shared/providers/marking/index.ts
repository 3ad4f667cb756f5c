/**
 * Says inside the file that a machine made it, as EU AI Act art. 50(2) asks: IPTC DigitalSourceType in
 * XMP, then a signed C2PA manifest over all bytes. Written by hand because every delivered byte passes
 * through it: `aeo-image`, the library for the first, had a single release of two months.
 */
import { giveBack } from '../../domain/bytes.ts';
import type { ContentSigner, Marker } from '../../domain/marking.ts';
import { ascii } from './bytes.ts';
import type { Container } from './container.ts';
import { jpeg } from './jpeg.ts';
import { withManifest } from './manifest.ts';
import { png } from './png.ts';
import { xmpPacket } from './xmp.ts';

export { certificateSigner } from './signer.ts';

export type MarkingConfig = {
	/** Named as the tool that made the picture. */
	system: string;
	version: string;
	/** Null: no certificate is configured, and portraits carry XMP alone. */
	signer: (() => Promise<ContentSigner>) | null;
};

/** The last change to the bytes: whatever re-encodes the picture afterwards takes the marks away. */
export function pictureMarker({ signer, ...system }: MarkingConfig): Marker {
	return async (file, mark) => {
		const container = containerOf(file);
		const named = { ...system, ...mark };
		const said = container.withXmp(file, ascii(xmpPacket(named)));
		if (!signer) return said;
		const signed = await withManifest(container, said, named, await signer());
		giveBack(said);
		return signed;
	};
}

function containerOf(file: Uint8Array): Container {
	if (file[0] === 0xff && file[1] === 0xd8) return jpeg;
	if (file[0] === 0x89 && file[1] === 0x50) return png;
	throw new Error('neither a JPEG nor a PNG');
}
