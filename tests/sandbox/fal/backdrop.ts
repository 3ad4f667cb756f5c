/** What stands behind the person in a portrait: drawn small as SVG and out of focus, then enlarged. */
import { dot, many, pick, rect } from '../../fixtures/drawing.ts';

export type Backdrop = (width: number, height: number, random: () => number) => string;

type Stops = readonly [centre: string, edge: string];

const sheet = (width: number, height: number, defs: string, body: string, blur: number) =>
	`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs>${defs}` +
	`<filter id="b" x="-20%" y="-20%" width="140%" height="140%"><feGaussianBlur stdDeviation="${blur}"/></filter></defs>${body}</svg>`;

const glow = ([centre, edge]: Stops, x: number, y: number, r: number) =>
	`<radialGradient id="g" cx="${x}" cy="${y}" r="${r}"><stop offset="0" stop-color="${centre}"/><stop offset="1" stop-color="${edge}"/></radialGradient>`;

const fall = (...stops: readonly string[]) =>
	`<linearGradient id="g" x1="0" y1="0" x2="0" y2="1">${stops
		.map((stop, at) => `<stop offset="${at / (stops.length - 1)}" stop-color="${stop}"/>`)
		.join('')}</linearGradient>`;

const ground = '<rect width="100%" height="100%" fill="url(#g)"/>';

/** Paper or painted canvas, lit from behind the shoulder; `mottle` are the clouds of a painted one. */
export const studio =
	(stops: Stops, mottle = 0): Backdrop =>
	(w, h, random) =>
		sheet(
			w,
			h,
			glow(stops, 0.36 + random() * 0.28, 0.34 + random() * 0.14, 0.78),
			ground +
				`<g filter="url(#b)">${many(26, () =>
					dot(
						random() * w,
						random() * h,
						w * (0.08 + random() * 0.16),
						pick(random, stops),
						mottle * (0.3 + random() * 0.7),
					),
				)}</g>`,
			w * 0.07,
		);

const lights = (
	count: number,
	colours: readonly string[],
	size: number,
	from = 0,
	to = 1,
): Backdrop => {
	return (w, h, random) =>
		many(count, () =>
			dot(
				random() * w,
				h * (from + random() * (to - from)),
				w * size * (0.35 + random()),
				pick(random, colours),
				0.18 + random() * 0.5,
			),
		);
};

export const office: Backdrop = (w, h, random) =>
	sheet(
		w,
		h,
		fall('#f3f7f9', '#dfe8ec', '#a9b9c2'),
		`${ground}<g filter="url(#b)">${many(6, (index) => {
			const x = w * (index * 0.21 - 0.1 + random() * 0.05);
			return (
				rect(x, 0, w * 0.13, h * 0.72, pick(random, ['#ffffff', '#e9f3f8', '#cfe0e8']), 0.8) +
				rect(x + w * 0.15, 0, w * 0.014, h, '#8fa3ae', 0.75)
			);
		})}${rect(-w, h * 0.7, w * 3, h * 0.05, '#7d8f99', 0.55)}${rect(-w, h * 0.8, w * 3, h * 0.3, '#8a9aa2', 0.5)}${dot(w * 0.14, h * 0.62, w * 0.12, '#7da184', 0.55)}${dot(w * 0.06, h * 0.54, w * 0.09, '#8fb394', 0.5)}</g>`,
		w * 0.016,
	);

export const library: Backdrop = (w, h, random) =>
	sheet(
		w,
		h,
		fall('#4a3422', '#38271a', '#241a12'),
		`${ground}<g filter="url(#b)">${many(4, (row) => {
			const floor = h * (0.2 + row * 0.25);
			return (
				many(15, (column) => {
					const tall = h * (0.13 + random() * 0.06);
					const spine = ['#7a3b2c', '#9c7a4a', '#4c5a48', '#33455a', '#b59b6d', '#5c2f33'];
					return rect((column * w) / 14, floor - tall, w / 16, tall, pick(random, spine), 0.85);
				}) + rect(-w, floor, w * 3, h * 0.022, '#8a6238')
			);
		})}${dot(w * (random() < 0.5 ? 0.1 : 0.9), h * 0.3, w * 0.2, '#ffd9a0', 0.55)}</g>`,
		w * 0.014,
	);

export const workshop: Backdrop = (w, h, random) =>
	sheet(
		w,
		h,
		fall('#b98a72', '#8d5d48', '#4b3429'),
		`${ground}<g filter="url(#b)">${many(15, (row) =>
			many(7, (column) =>
				rect(
					(column + (row % 2) / 2) * (w / 6) - w / 8,
					row * (h / 20),
					w / 6.5,
					h / 22,
					pick(random, ['#a8745c', '#96604a', '#b5836a', '#8a5642', '#c19680']),
					0.9,
				),
			),
		)}${rect(-w, h * 0.73, w * 3, h * 0.06, '#7c5736')}${rect(-w, h * 0.79, w * 3, h * 0.3, '#33251c')}${many(5, () => rect(w * random(), h * (0.5 + random() * 0.08), w * 0.03, h * 0.2, '#3c4348', 0.8))}</g>`,
		w * 0.012,
	);

export const corridor: Backdrop = (w, h, random) =>
	sheet(
		w,
		h,
		fall('#f6fafa', '#e2eeee', '#c2d6d8'),
		`${ground}<g filter="url(#b)"><path d="M0 0 L${w * 0.36} ${h * 0.3} V${h * 0.66} L0 ${h} Z" fill="#d3e3e4"/><path d="M${w} 0 L${w * 0.64} ${h * 0.3} V${h * 0.66} L${w} ${h} Z" fill="#dcebea"/>${rect(w * 0.36, h * 0.3, w * 0.28, h * 0.36, '#f9fdfd')}${many(3, (index) => rect(w * (0.3 - index * 0.12), h * (0.2 - index * 0.09), w * (0.4 + index * 0.24), h * 0.03, '#ffffff'))}${rect(w * (0.05 + random() * 0.06), h * 0.3, w * 0.14, h * 0.5, '#a9c8c9', 0.7)}${rect(w * 0.8, h * 0.34, w * 0.12, h * 0.44, '#b6d2d2', 0.7)}</g>`,
		w * 0.02,
	);

export const street: Backdrop = (w, h, random) =>
	sheet(
		w,
		h,
		fall('#f6dfb4', '#d8b58a', '#7a6656'),
		`${ground}<g filter="url(#b)"><path d="M0 0 H${w * 0.3} L${w * 0.38} ${h} H0 Z" fill="#a88a6b"/><path d="M${w} 0 H${w * 0.74} L${w * 0.66} ${h} H${w} Z" fill="#8f7761"/>${many(12, (index) => rect(w * ((index % 2) * 0.14 + 0.03), h * (0.06 + Math.floor(index / 2) * 0.14), w * 0.075, h * 0.08, '#6f5a4a', 0.75))}${many(10, (index) => rect(w * ((index % 2) * 0.13 + 0.76), h * (0.08 + Math.floor(index / 2) * 0.15), w * 0.07, h * 0.08, '#5e4d42', 0.7))}${lights(14, ['#fff0c9', '#ffd38a', '#ffe6b5'], 0.055, 0.3, 0.8)(w, h, random)}${dot(w * (0.4 + random() * 0.2), h * 0.2, w * 0.2, '#fff3d2', 0.8)}</g>`,
		w * 0.022,
	);

export const trees: Backdrop = (w, h, random) =>
	sheet(
		w,
		h,
		fall('#b9d295', '#6c9457', '#2f4a2c'),
		`${ground}<g filter="url(#b)">${many(4, () => rect(w * random(), -h, w * (0.02 + random() * 0.04), h * 2, '#3f3a2a', 0.55))}${lights(42, ['#d9ecb0', '#98bf6c', '#5d8a4c', '#3e6a3c', '#eef6d6'], 0.085)(w, h, random)}</g>`,
		w * 0.02,
	);

export const coast: Backdrop = (w, h, random) => {
	const horizon = 0.42 + random() * 0.06;
	return sheet(
		w,
		h,
		fall('#e6ebee', '#cfd8dd', '#b5c2c9'),
		`${ground}<g filter="url(#b)">${many(9, () => dot(random() * w, random() * h * horizon, w * (0.1 + random() * 0.16), pick(random, ['#f4f6f7', '#c3ced5']), 0.4))}${rect(-w, h * horizon, w * 3, h, '#7f97a3')}${rect(-w, h * (horizon + 0.12), w * 3, h, '#6b8591', 0.7)}${many(9, () => rect(random() * w - w * 0.2, h * (horizon + 0.04 + random() * 0.4), w * (0.2 + random() * 0.3), h * 0.008, '#dfe8eb', 0.6))}</g>`,
		w * 0.014,
	);
};

export const dusk: Backdrop = (w, h, random) =>
	sheet(
		w,
		h,
		fall('#24365f', '#5a5f8c', '#c98f7d', '#2b2f47', '#1b1e30'),
		`${ground}<g filter="url(#b)">${many(9, (index) => rect(w * (index * 0.125 - 0.04), h * (0.44 + random() * 0.14), w * 0.11, h, pick(random, ['#232843', '#2d3150', '#1c2038']), 0.9))}${lights(34, ['#ffd08a', '#ffb36b', '#ffe7bf', '#9fc0ff'], 0.045, 0.48, 0.9)(w, h, random)}</g>`,
		w * 0.014,
	);
