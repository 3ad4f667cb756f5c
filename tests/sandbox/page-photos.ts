/** The sample photos on the sandbox page: to look at, to download, to take from their folder. */
import { basename, join, relative } from 'node:path';
import { html } from 'hono/html';
import type { Photos } from '../fixtures/make-photos.ts';
import type { Html } from './console.ts';

const root = join(import.meta.dirname, '..', '..');
export const photosDir = join(root, '.sandbox', 'photos');

const photoGrid = (names: readonly string[]) =>
	html`<style>
			.photos {
				display: grid;
				grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr));
				gap: 0.75rem;
				padding: 0;
				list-style: none;
			}
			.photos img {
				display: block;
				width: 100%;
				height: auto;
				object-fit: cover;
			}
			.photos small {
				display: block;
			}
		</style>
		<ul class="photos">
			${names.map(
				(name) =>
					html`<li>
						<a href="/photos/${encodeURIComponent(name)}" download>
							<img
								src="/thumbnails/${encodeURIComponent(name)}"
								alt=""
								width="320"
								height="320"
								draggable="false"
							/>
							<small>${name}</small>
						</a>
					</li>`,
			)}
		</ul>`;

export const photosPart = (photos: Photos | 'making'): Html =>
	photos === 'making'
		? html`<p class="alert" role="status">
				Making the photos. It takes some ten seconds, once; this page reloads by itself.
			</p>`
		: html`<p>
					Fifteen phone photos of one person in the public domain, as a phone would store them: 12
					megapixels, turned every way, with the place they were taken at. Drag them into the app
					from the folder <code>${relative(root, photosDir)}</code> of this project, or
					<a href="/photos.zip">download them all</a>.
				</p>
				${photoGrid(photos.good.map((path) => basename(path)))}
				<h2>Photos that are not good enough</h2>
				<p>Blurred, too small, the same again, not a picture: the app should tell what is wrong.</p>
				<p class="row">
					${Object.values(photos.bad).map(
						(path) =>
							html`<a class="button" href="/photos/${encodeURIComponent(basename(path))}" download
								>${basename(path)}</a
							>`,
					)}
				</p>`;
