/**
 * JPEG decoded straight to a half, a quarter or an eighth of its size: the format's own blocks allow it, and
 * it saves most of the time and of the memory that a large photo takes.
 */

/**
 * The picture upright, its longer side still at least `minSide` px; `width` and `height` as the file says.
 * Null where the browser cannot, or where there is nothing to reduce.
 */
export async function decodeReduced(
	bytes: Uint8Array<ArrayBuffer>,
	width: number,
	height: number,
	minSide: number,
): Promise<VideoFrame | null> {
	const halvings = Math.min(3, Math.floor(Math.log2(Math.max(width, height) / minSide)));
	if (halvings < 1 || !canTurn()) return null;
	const decoder = new ImageDecoder({
		data: bytes,
		type: 'image/jpeg',
		desiredWidth: Math.ceil(width / 2 ** halvings),
		desiredHeight: Math.ceil(height / 2 ** halvings),
	});
	try {
		return (await decoder.decode()).image;
	} catch {
		return null;
	} finally {
		decoder.close();
	}
}

/** A frame that does not know of its rotation would come out lying on its side. */
const canTurn = () => 'ImageDecoder' in globalThis && 'rotation' in VideoFrame.prototype;
