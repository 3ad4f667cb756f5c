/**
 * Says inside the file that a machine made it: IPTC DigitalSourceType in XMP, as EU AI Act art. 50(2)
 * asks. Written by hand because it is one segment of a JPEG: `aeo-image`, the library for it, had a
 * single release of two months when this was written, and every delivered byte would pass through it.
 */
import type { Marker } from '../../domain/ports.ts';
import { withXmp } from './jpeg-xmp.ts';
import { xmpPacket } from './xmp.ts';

export type MarkingConfig = {
	/** Named as the tool that made the picture. */
	system: string;
	version: string;
};

/** The last change to the bytes: whatever re-encodes the picture afterwards takes the mark away. */
export function portraitMarker(config: MarkingConfig): Marker {
	return (jpeg, mark) => withXmp(jpeg, new TextEncoder().encode(xmpPacket({ ...config, ...mark })));
}
