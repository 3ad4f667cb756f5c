/**
 * Lifts a person off the background of a photo. The stand-in knows nothing of faces: it learns the
 * colours of the edge and of the middle, tells them apart, and keeps the largest piece in the middle.
 */
import sharp, { type Sharp } from 'sharp';
import { centralPiece, guided, shareOfPerson } from './segment.ts';

export type CutOut = {
	/** RGBA. */
	pixels: Buffer;
	width: number;
	height: number;
	/** Where the head is, px: its middle, its top and its width. */
	head: { x: number; top: number; width: number };
	/** True when the piece found does not look like a person, and a soft oval was cut instead. */
	isOval: boolean;
};

const workSide = 1100;
const coarseSide = 144;
const edgeSide = 480;

/** Rejects when the photo cannot be decoded. */
export async function cutOut(photo: Uint8Array): Promise<CutOut> {
	const { data, info } = await sharp(photo, { failOn: 'error' })
		.autoOrient()
		.resize(workSide, workSide, { fit: 'inside' })
		.flatten()
		.toColourspace('srgb')
		.raw()
		.toBuffer({ resolveWithObject: true });
	const { width, height } = info;
	const whole = sharp(data, { raw: { width, height, channels: 3 } });
	const coarse = await shrink(whole, coarseSide);
	const piece = centralPiece(shareOfPerson(coarse), coarse.width, coarse.height);
	const head = piece === null ? null : findHead(piece, coarse.width, coarse.height);
	const matte =
		piece === null || head === null
			? await oval(width, height)
			: await refine(whole, piece, coarse, width, height);
	const pixels = await sharp(data, { raw: { width, height, channels: 3 } })
		.joinChannel(matte, { raw: { width, height, channels: 1 } })
		.raw()
		.toBuffer();
	const scale = width / coarse.width;
	return {
		pixels,
		width,
		height,
		head:
			head === null
				? { x: width / 2, top: height * 0.14, width: Math.min(width, height) * 0.5 }
				: { x: head.x * scale, top: head.top * scale, width: head.width * scale },
		isOval: head === null,
	};
}

export type Picture = { data: Buffer; width: number; height: number };

async function shrink(picture: Sharp, side: number): Promise<Picture> {
	const { data, info } = await picture
		.clone()
		.resize(side, side, { fit: 'inside' })
		.raw()
		.toBuffer({ resolveWithObject: true });
	return { data, width: info.width, height: info.height };
}

/** The piece at full size, its edge following the picture's own edges. */
async function refine(
	whole: Sharp,
	piece: Float32Array,
	coarse: Picture,
	width: number,
	height: number,
): Promise<Buffer> {
	const fine = await shrink(whole, edgeSide);
	const rough = await sharp(Buffer.from(piece.map((share) => share * 255)), {
		raw: { width: coarse.width, height: coarse.height, channels: 1 },
	})
		.resize(fine.width, fine.height, { fit: 'fill', kernel: 'linear' })
		.toColourspace('b-w')
		.raw()
		.toBuffer();
	const edge = guided(fine, rough);
	return sharp(edge, { raw: { width: fine.width, height: fine.height, channels: 1 } })
		.resize(width, height, { fit: 'fill', kernel: 'cubic' })
		.toColourspace('b-w')
		.raw()
		.toBuffer();
}

const oval = (width: number, height: number): Promise<Buffer> =>
	sharp(
		Buffer.from(
			`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs><filter id="b" x="-50%" y="-50%" width="200%" height="200%"><feGaussianBlur stdDeviation="${width * 0.05}"/></filter></defs>` +
				`<rect width="100%" height="100%"/><g fill="#fff" filter="url(#b)"><ellipse cx="${width / 2}" cy="${height * 0.42}" rx="${width * 0.33}" ry="${height * 0.34}"/>` +
				`<ellipse cx="${width / 2}" cy="${height * 1.02}" rx="${width * 0.42}" ry="${height * 0.36}"/></g></svg>`,
		),
	)
		.toColourspace('b-w')
		.removeAlpha()
		.raw()
		.toBuffer();

/** From the top down: where the piece begins, how wide it gets, and that it narrows again at the neck. */
function findHead(piece: Float32Array, width: number, height: number) {
	let top = -1;
	let widest = { left: 0, right: 0, width: 0 };
	for (let y = 0; y < height; y++) {
		let left = width;
		let right = -1;
		for (let x = 0; x < width; x++) {
			if ((piece[y * width + x] ?? 0) > 0.5) {
				left = Math.min(left, x);
				right = x;
			}
		}
		const across = right - left + 1;
		if (top < 0 && across > width * 0.06) top = y;
		if (top < 0) continue;
		const isNeck = across < widest.width * 0.84 && y - top > widest.width * 0.5;
		if (isNeck || y - top > Math.min(width, height) * 0.6) break;
		if (across > widest.width && y - top < Math.min(width, height) * 0.45) {
			widest = { left, right, width: across };
		}
	}
	const share = widest.width / Math.min(width, height);
	if (top < 0 || share < 0.15 || share > 0.8) return null;
	return { x: (widest.left + widest.right) / 2, top, width: widest.width };
}
