/// <reference lib="webworker" />
/** Decode, resize, encode by the platform alone: what the preparation is held against. No code of ours. */
const longerSide = 1536;

self.addEventListener('message', async ({ data: file }: MessageEvent<File>) => {
	const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
	const scale = longerSide / Math.max(bitmap.width, bitmap.height);
	const canvas = new OffscreenCanvas(bitmap.width * scale, bitmap.height * scale);
	const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
	if (!context) throw new Error('no 2d canvas');
	context.imageSmoothingQuality = 'high';
	context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
	bitmap.close();
	self.postMessage(await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 }));
});

export {};
