/** The sandbox's own page: where everything is, whether it answers, and photos for whoever has none at hand. */
import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { downloadZip } from 'client-zip';
import { Hono } from 'hono';
import { html } from 'hono/html';
import sharp from 'sharp';
import { makePhotos, type Photos } from '../fixtures/make-photos.ts';
import { page } from './console.ts';
import { photosDir, photosPart } from './page-photos.ts';
import { type Loopback, serveOnLoopback } from './loopback.ts';
import type { Urls } from './urls.ts';

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
		name: 'Gemini',
		url: urls.gemini,
		says: 'Portraits made at once, from the photos alone; what can be made to go wrong.',
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
		...(hasApp ? [{ name: 'App', url: urls.app, says: 'The product itself.' }] : []),
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
				'The sandbox',
				html`<h1>The sandbox</h1>
					<p>
						The outside world on this machine: nothing here costs money, sends a mail or leaves the
						computer.
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
