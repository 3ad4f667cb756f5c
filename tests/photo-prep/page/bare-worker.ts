/// <reference lib="webworker" />
/** Decode, resize, encode and nothing else: what the preparation is held against. */
import { shrink } from '$lib/photo-prep/picture.ts';

self.addEventListener('message', async ({ data: file }: MessageEvent<File>) => {
	const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
	const canvas = shrink(bitmap, 1536);
	bitmap.close();
	self.postMessage(await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 }));
});
