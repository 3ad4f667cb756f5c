import type { Pictures } from '../../domain/ports.ts';

export function jsquashPictures(): Pictures {
	throw new Error('not built yet');
}
