/** The photos page's own parts and queue, without the app around them. */
import { photoCounts } from '#domain/engine.ts';
import { mount } from 'svelte';
import '../../../src/app.css';
import { PreparationPool } from '$lib/photo-prep/pool.ts';
import { PhotoDoor } from '$lib/state/photo-door.ts';
import { UploadQueue } from '$lib/state/upload-queue.svelte.ts';
import PhotoTable from '../../../src/routes/(studio)/shoots/[shoot]/photos/PhotoTable.svelte';

declare global {
	interface Window {
		queue: UploadQueue;
	}
}

const pool = new PreparationPool();
pool.open();
window.queue = new UploadQueue(pool, new PhotoDoor('/door'), [], photoCounts.studio);
const target = document.querySelector('main');
if (target) mount(PhotoTable, { target, props: { queue: window.queue, engine: 'studio' } });
