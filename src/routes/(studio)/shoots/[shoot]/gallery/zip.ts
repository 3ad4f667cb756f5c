import type { Gallery, Headshot } from './gallery.svelte.ts';
import { save } from './profile-picture.ts';

/**
 * Packs pictures into one zip as they come in, one after the other, so that memory holds one picture
 * and the zip. `onNext` hears how many are done. Throws when a picture cannot be fetched; nothing is
 * saved then, rather than a zip with holes.
 */
export async function downloadAsZip(
	gallery: Gallery,
	headshots: readonly Headshot[],
	onNext: (done: number) => void,
) {
	const { downloadZip } = await import('client-zip');
	async function* files() {
		let done = 0;
		for (const headshot of headshots) {
			const input = await fetch(gallery.pictureOf(headshot));
			if (!input.ok) throw new Error(`Picture ${headshot.number}: ${input.status}`);
			const number = String(headshot.number).padStart(3, '0');
			yield { name: `portrait-${number}-${headshot.style.id}.${headshot.ending}`, input };
			done += 1;
			onNext(done);
		}
	}
	save(await downloadZip(files()).blob(), 'portraits.zip');
}
