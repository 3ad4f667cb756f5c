/** The sandbox's own page: where everything is, whether it answers, and photos for whoever has none at hand. */
import { openAsBlob } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { downloadZip } from 'client-zip';
import { Hono } from 'hono';
import { html } from 'hono/html';
import sharp from 'sharp';
import { makePhotos, type Photos } from '../fixtures/make-photos.ts';
import { type Html, page } from './console.ts';
import { type Loopback, serveOnLoopback } from './loopback.ts';
import type { Urls } from './urls.ts';

const root = join(import.meta.dirname, '..', '..');
export const photosDir = join(root, '.sandbox', 'photos');

type Place = { name: string; url: string; says: string };

const places = (urls: Urls): Place[] => [
	{
		name: 'Mailbox',
		url: urls.mail,
		says: 'Every mail that is sent: sign-in codes, news of a shoot.',
	},
	{
		name: 'fal',
		url: urls.fal,
		says: 'Trainings and portraits under way; what can be made to go wrong.',
	},
	{
		name: 'Stripe',
		url: urls.stripe,
		says: 'Payments, refunds and events; cards that are declined.',
	},
	{
		name: 'Google sign-in',
		url: urls.google,
		says: 'The people who can sign in with Google here.',
	},
];

/** Any answer at all counts: the question is whether somebody is there. */
const answers = async (url: string): Promise<boolean> =>
	fetch(url, { signal: AbortSignal.timeout(1000), redirect: 'manual' }).then(
		(answer) => answer.body?.cancel().then(() => true) ?? true,
		() => false,
	);

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

const photosPart = (photos: Photos | 'making'): Html =>
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

export function startPage(options: {
	port: number;
	urls: Urls;
	hasApp: boolean;
}): Promise<Loopback> {
	const { urls, hasApp } = options;
	let photos: Photos | 'making' | undefined;
	/** Made when somebody first looks. */
	const samples = (): Photos | 'making' => {
		if (photos === undefined) {
			photos = 'making';
			makePhotos(photosDir).then(
				(made) => (photos = made),
				(error: unknown) => {
					console.error('The sample photos could not be made:', error);
					photos = undefined;
				},
			);
		}
		return photos;
	};
	const fileNamed = (name: string): string | undefined =>
		photos === undefined || photos === 'making'
			? undefined
			: [...photos.good, photos.heic, photos.emoji, ...Object.values(photos.bad)].find(
					(path) => basename(path) === name,
				);

	const services = [
		...(hasApp ? [{ name: 'App', url: urls.app, says: 'HaloProfile itself.' }] : []),
		...places(urls),
		{ name: 'Supabase', url: urls.supabase, says: 'Auth, the Data API and Storage.' },
		{
			name: 'Edge functions',
			url: urls.deno,
			says: 'The server’s part of the product, under Deno.',
		},
	];

	const hono = new Hono();
	hono.get('/', async (context) => {
		const health = await Promise.all(
			services.map(async (service) => ({ ...service, isThere: await answers(service.url) })),
		);
		const shown = samples();
		return context.html(
			page(
				'HaloProfile sandbox',
				html`<h1>The sandbox</h1>
					<p>
						The outside world of HaloProfile on this machine: nothing here costs money, sends a mail
						or leaves the computer.
					</p>
					${hasApp ? html`<p><a class="button" href="${urls.app}">Open the app</a></p>` : ''}
					<h2>Services</h2>
					<div class="scroll">
						<table>
							<tbody>
								${health.map(
									({ name, url, says, isThere }) =>
										html`<tr>
											<td><a href="${url}">${name}</a><br /><small>${says}</small></td>
											<td>${isThere ? 'answers' : html`<strong>does not answer</strong>`}</td>
										</tr>`,
								)}
							</tbody>
						</table>
					</div>
					<h2>Sample photos</h2>
					${photosPart(shown)}`,
				{ isLive: shown === 'making' },
			),
		);
	});
	hono.get('/photos/:name', async (context) => {
		const path = fileNamed(context.req.param('name'));
		if (path === undefined) return context.notFound();
		return new Response(await openAsBlob(path), {
			headers: {
				'content-type': path.endsWith('.jpg') ? 'image/jpeg' : 'application/octet-stream',
			},
		});
	});
	hono.get('/thumbnails/:name', async (context) => {
		const path = fileNamed(context.req.param('name'));
		if (path === undefined) return context.notFound();
		const picture = await sharp(path).rotate().resize(320, 320, { fit: 'cover' }).webp().toBuffer();
		return context.body(new Uint8Array(picture), 200, {
			'content-type': 'image/webp',
			'cache-control': 'max-age=3600',
		});
	});
	hono.get('/photos.zip', async (context) => {
		if (photos === undefined || photos === 'making') return context.notFound();
		return downloadZip(
			await Promise.all(
				photos.good.map(async (path) => ({ name: basename(path), input: await openAsBlob(path) })),
			),
		);
	});
	return serveOnLoopback('the sandbox page', options.port, () => hono.fetch);
}
