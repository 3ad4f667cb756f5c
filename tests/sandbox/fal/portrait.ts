/** A portrait as the stand-in makes it: the person of a photo, set into the backdrop and light of a prompt. */
import { readFile } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import { seededRandom } from '../../fixtures/drawing.ts';
import type { CutOut } from './cutout.ts';
import type { Backdrop } from './backdrop.ts';
import { blend } from './blend.ts';
import { lookOf } from './look.ts';

export type PortraitRequest = {
	prompt: string;
	seed: number;
	/** Pixels. */
	width: number;
	height: number;
};

const markSvg = await readFile(new URL('./mark.svg', import.meta.url), 'utf8');

/** The same cut-outs and request always give the same picture; another seed another crop, side and light. */
export async function makePortrait(
	people: readonly CutOut[],
	request: PortraitRequest,
): Promise<Sharp> {
	// Put together smaller, about as fine as the photos are, and enlarged at the end: that is twice as fast.
	const [width, height] = [Math.round(request.width * 0.65), Math.round(request.height * 0.65)];
	const random = seededRandom(request.seed);
	const look = lookOf(request.prompt);
	const person = people[Math.floor(random() * people.length)];
	if (person === undefined) throw new Error('A portrait needs at least one photo.');
	const placed = await place(person, width, height, random);
	const canvas = await behind(look.backdrop, width, height, random);
	blend(canvas, width, height, placed, look, random);
	await mark(canvas, width, height);
	return sharp(canvas, { raw: { width, height, channels: 3 } })
		.resize(request.width, request.height, { fit: 'fill', kernel: 'linear' })
		.grayscale(look.isMonochrome);
}

/** The backdrop at full size, RGB. Drawn with a margin, because a blur thins out at the edge of its sheet. */
async function behind(
	backdrop: Backdrop,
	width: number,
	height: number,
	random: () => number,
): Promise<Buffer> {
	const [across, down] = [Math.round(width / 5), Math.round(height / 5)];
	const margin = Math.round(across * 0.1);
	const drawn = backdrop(across + 2 * margin, down + 2 * margin, random);
	// In two steps: a drawing that is enlarged at once is drawn again for every strip.
	const { data, info } = await sharp(Buffer.from(drawn))
		.extract({ left: margin, top: margin, width: across, height: down })
		.removeAlpha()
		.raw()
		.toBuffer({ resolveWithObject: true });
	return sharp(data, { raw: info })
		.resize(width, height, { fit: 'fill', kernel: 'linear' })
		.raw()
		.toBuffer();
}

/** The person enlarged to the portrait's size; `left` and `top` say where the pixels lie on it. */
export type Placed = {
	pixels: Buffer;
	left: number;
	top: number;
	width: number;
	height: number;
	/** Where the chin is about, px from the top of the portrait. */
	chin: number;
};

async function place(
	person: CutOut,
	width: number,
	height: number,
	random: () => number,
): Promise<Placed> {
	const isMirrored = random() < 0.5;
	const centre = width * (0.47 + random() * 0.06);
	const headroom = height * (0.1 + random() * 0.045);
	const wanted = (width * (0.4 + random() * 0.07)) / person.head.width;
	const headX = isMirrored ? person.width - person.head.x : person.head.x;
	// Large enough that no cut edge of the photo shows at the sides or below.
	const scale = Math.min(
		(width * 0.6) / person.head.width,
		Math.max(
			wanted,
			centre / headX,
			(width - centre) / (person.width - headX),
			(height - headroom) / (person.height - person.head.top),
		),
	);
	const left = centre - headX * scale;
	const top = headroom - person.head.top * scale;
	const from = {
		left: Math.max(0, Math.floor(-left / scale)),
		top: Math.max(0, Math.floor(-top / scale)),
	};
	const region = {
		...from,
		width: Math.min(person.width - from.left, Math.ceil(width / scale) + 1),
		height: Math.min(person.height - from.top, Math.ceil(height / scale) + 1),
	};
	const { data, info } = await sharp(person.pixels, {
		raw: { width: person.width, height: person.height, channels: 4 },
	})
		.extract({
			...region,
			left: isMirrored ? person.width - region.left - region.width : region.left,
		})
		.flop(isMirrored)
		.resize(Math.round(region.width * scale), Math.round(region.height * scale), {
			fit: 'fill',
			kernel: 'cubic',
		})
		.raw()
		.toBuffer({ resolveWithObject: true });
	return {
		pixels: data,
		left: Math.round(left + region.left * scale),
		top: Math.round(top + region.top * scale),
		width: info.width,
		height: info.height,
		chin: headroom + person.head.width * scale * 1.04,
	};
}

/** Writes "sandbox picture" along the lower edge, small. By hand: `composite` costs as much as all the rest. */
async function mark(canvas: Buffer, width: number, height: number): Promise<void> {
	const { data, info } = await sharp(Buffer.from(markSvg))
		.resize(Math.round(width * 0.17))
		.ensureAlpha()
		.raw()
		.toBuffer({ resolveWithObject: true });
	const edge = Math.round(width * 0.02);
	const corner = (height - info.height - edge) * width + width - info.width - edge;
	for (let from = 0, pixel = 0; from < data.length; from += 4, pixel++) {
		const row = Math.floor(pixel / info.width);
		const at = (corner + row * width + (pixel % info.width)) * 3;
		const cover = (data[from + 3] ?? 0) / 255;
		for (let channel = 0; channel < 3; channel++) {
			const behind = canvas[at + channel] ?? 0;
			canvas[at + channel] = behind + ((data[from + channel] ?? 0) - behind) * cover;
		}
	}
}
