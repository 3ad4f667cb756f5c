import type { Mark } from '../../domain/marking.ts';

const vocabulary = 'http://cv.iptc.org/newscodes/digitalsourcetype';

/** IPTC's words for how a picture came about. */
export const digitalSourceType = {
	generated: `${vocabulary}/trainedAlgorithmicMedia`,
	edited: `${vocabulary}/compositeWithTrainedAlgorithmicMedia`,
} as const satisfies Record<Mark['kind'], string>;

/** No person, no prompt, no model: only that, when and by what it was made, and its own id. */
export function xmpPacket(mark: Mark & { system: string; version: string }): string {
	const at = mark.createdAt.toISOString();
	const properties = {
		'Iptc4xmpExt:DigitalSourceType': digitalSourceType[mark.kind],
		'Iptc4xmpExt:DigImageGUID': mark.id,
		'xmp:CreatorTool': `${mark.system} ${mark.version}`,
		'xmp:CreateDate': at,
		'xmp:MetadataDate': at,
		'photoshop:DateCreated': at,
		'xmpMM:InstanceID': `uuid:${mark.id}`,
	};
	const lines = Object.entries(properties).map(
		([name, value]) => `<${name}>${escaped(value)}</${name}>`,
	);
	return [
		'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
		'<x:xmpmeta xmlns:x="adobe:ns:meta/">',
		'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
		'<rdf:Description rdf:about=""',
		' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"',
		' xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"',
		' xmlns:xmp="http://ns.adobe.com/xap/1.0/"',
		' xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/">',
		...lines,
		'</rdf:Description></rdf:RDF></x:xmpmeta>',
		'<?xpacket end="r"?>',
	].join('\n');
}

const escaped = (text: string) =>
	text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
