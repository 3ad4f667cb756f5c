/** The house laws, read off the tree. Each title is the law. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const shared = 'supabase/functions/_shared';
const skipped = new Set([
	'node_modules',
	'.git',
	'.svelte-kit',
	'.sandbox',
	'build',
	'test-results',
]);

function filesUnder(folder: string): string[] {
	const full = join(root, folder);
	return readdirSync(full).flatMap((name) => {
		if (skipped.has(name)) return [];
		const path = join(folder, name);
		return statSync(join(root, path)).isDirectory() ? filesUnder(path) : [path];
	});
}

const read = (file: string) => readFileSync(join(root, file), 'utf8');
const everything = filesUnder('.').map((file) => file.split(sep).join('/'));
const isTest = (file: string) => /\.(test|spec)\.ts$/.test(file);
const source = everything.filter(
	(file) => /\.(ts|js|svelte)$/.test(file) && !/\.d\.ts$/.test(file),
);

/** Every module a file names, statically or dynamically, with relative ones made project paths. */
function importsOf(file: string): string[] {
	const found = read(file).matchAll(
		/(?:^|\n|;)\s*(?:import|export)\s[^'";]*?from\s*['"]([^'"]+)['"]|import\s*\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g,
	);
	return [...found].map((match) => {
		const name = match[1] ?? match[2] ?? match[3] ?? '';
		if (name.startsWith('.'))
			return relative(root, resolve(root, dirname(file), name))
				.split(sep)
				.join('/');
		return name
			.replace(/^\$lib\//, 'src/lib/')
			.replace(/^#(domain|flow|store|providers|runtime)\//, `${shared}/$1/`);
	});
}

function offenders(files: string[], isOffence: (name: string, file: string) => boolean): string[] {
	return files.flatMap((file) =>
		importsOf(file)
			.filter((name) => isOffence(name, file))
			.map((name) => `${file} imports ${name}`),
	);
}

const under = (folder: string) =>
	source.filter((file) => file.startsWith(`${folder}/`) && !isTest(file));

describe('arrows point one way', () => {
	test('domain imports only domain', () => {
		expect(
			offenders(
				under(`${shared}/domain`),
				(name) => !name.startsWith(`${shared}/domain/`) && name !== 'zod',
			),
		).toEqual([]);
	});

	test('no file of the product leads back to itself', () => {
		const product = [...under('src'), ...under('supabase')];
		const isKnown = new Set(product);
		const graph = new Map(
			product.map((file) => [file, importsOf(file).filter((to) => isKnown.has(to))]),
		);
		const done = new Set<string>();
		const circles: string[] = [];
		const walk = (file: string, way: string[]): void => {
			const from = way.indexOf(file);
			if (from >= 0) circles.push([...way.slice(from), file].join(' > '));
			if (from >= 0 || done.has(file)) return;
			for (const to of graph.get(file) ?? []) walk(to, [...way, file]);
			done.add(file);
		};
		for (const file of product) walk(file, []);
		expect(circles).toEqual([]);
	});

	test('flow imports only flow and domain, and zod', () => {
		expect(
			offenders(
				under(`${shared}/flow`),
				(name) =>
					!name.startsWith(`${shared}/flow/`) &&
					!name.startsWith(`${shared}/domain/`) &&
					name !== 'zod',
			),
		).toEqual([]);
	});

	test('store and providers do not import flow, runtime or each other', () => {
		const files = [...under(`${shared}/store`), ...under(`${shared}/providers`)];
		expect(
			offenders(files, (name, file) => {
				if (!name.startsWith(`${shared}/`)) return false;
				const own = file
					.split('/')
					.slice(0, file.includes('/providers/') ? 5 : 4)
					.join('/');
				return !name.startsWith(`${shared}/domain/`) && !name.startsWith(`${own}/`);
			}),
		).toEqual([]);
	});

	test('only runtime/services.ts puts providers and store together', () => {
		const wiring = `${shared}/runtime/services.ts`;
		const files = under('supabase/functions').filter(
			(file) =>
				file !== wiring &&
				!file.startsWith(`${shared}/providers/`) &&
				!file.startsWith(`${shared}/store/`),
		);
		expect(
			offenders(
				files,
				(name) => name.startsWith(`${shared}/providers/`) || name.startsWith(`${shared}/store/`),
			),
		).toEqual([]);
	});

	test('the web app reaches the shared code only through domain, and the database types', () => {
		expect(
			offenders(
				under('src'),
				(name) =>
					name.startsWith('supabase/') &&
					!name.startsWith(`${shared}/domain/`) &&
					name !== `${shared}/store/database.types.ts`,
			),
		).toEqual([]);
	});

	test('a function imports nothing of another function', () => {
		const files = under('supabase/functions').filter((file) => !file.startsWith(`${shared}/`));
		expect(
			offenders(files, (name, file) => {
				const own = file.split('/').slice(0, 3).join('/');
				return (
					name.startsWith('supabase/') &&
					!name.startsWith(`${shared}/`) &&
					!name.startsWith(`${own}/`)
				);
			}),
		).toEqual([]);
	});

	test('nothing of the product imports from tests', () => {
		expect(
			offenders([...under('src'), ...under('supabase')], (name) => name.startsWith('tests/')),
		).toEqual([]);
	});

	test('a vendor package is named only in its own provider folder', () => {
		const vendors: Record<string, RegExp> = {
			stripe: new RegExp(`^${shared}/providers/stripe/`),
			'@fal-ai/client': new RegExp(`^${shared}/providers/fal/`),
			'@jsquash/': new RegExp(`^${shared}/providers/pictures/`),
			aws4fetch: new RegExp(`^${shared}/providers/storage/`),
		};
		const files = [...under('src'), ...under('supabase')];
		expect(
			offenders(files, (name, file) =>
				Object.entries(vendors).some(
					([vendor, home]) =>
						(name === vendor || name.startsWith(vendor)) &&
						!name.startsWith('supabase/') &&
						!home.test(file),
				),
			),
		).toEqual([]);
	});

	test('no page ships the Supabase client: the browser speaks to our own origin', () => {
		const browser = under('src').filter(
			(file) =>
				!/\/server\/|\+(page|layout)\.server\.ts$|\+server\.ts$|hooks\.server\.ts$|\.d\.ts$/.test(
					file,
				),
		);
		expect(offenders(browser, (name) => name.startsWith('@supabase/'))).toEqual([]);
	});
});

describe('one file runs in Node, Deno and the browser', () => {
	test('relative imports under functions carry their extension', () => {
		const files = source.filter((file) => file.startsWith('supabase/functions/'));
		const bare = files.flatMap((file) =>
			[...read(file).matchAll(/from\s+['"](\.{1,2}\/[^'"]+)['"]/g)]
				.filter((match) => !/\.(ts|json|wasm)$/.test(match[1] ?? ''))
				.map((match) => `${file}: ${match[1]}`),
		);
		expect(bare).toEqual([]);
	});

	test('shared code names neither Deno nor process outside runtime', () => {
		const files = under('supabase/functions').filter(
			(file) => !file.startsWith(`${shared}/runtime/`) && !file.endsWith('/index.ts'),
		);
		expect(files.filter((file) => /\b(Deno|process)\s*\./.test(read(file)))).toEqual([]);
	});

	test('a function is an index that only serves, a handler, and a pointer to the one list of versions', () => {
		const functions = readdirSync(join(root, 'supabase/functions')).filter(
			(name) =>
				!name.startsWith('_') && statSync(join(root, 'supabase/functions', name)).isDirectory(),
		);
		expect(functions.length).toBeGreaterThan(0);
		for (const name of functions) {
			const folder = `supabase/functions/${name}`;
			expect(JSON.parse(read(`${folder}/deno.json`)), name).toEqual({
				importMap: '../import_map.json',
			});
			expect(read(`${folder}/index.ts`).trim().split('\n').length, name).toBeLessThanOrEqual(5);
			expect(everything, name).toContain(`${folder}/handler.ts`);
		}
	});

	test('Deno and Node use the same versions', () => {
		const pack = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
		const map = JSON.parse(read('supabase/functions/import_map.json')) as {
			imports: Record<string, string>;
		};
		for (const [name, target] of Object.entries(map.imports)) {
			const pinned = /^npm:((?:@[^/]+\/)?[^@/]+)@([^/]+)/.exec(target);
			expect(pinned, `${name} → ${target}`).not.toBeNull();
			expect(pack.dependencies[pinned?.[1] ?? ''], name).toBe(pinned?.[2]);
		}
	});
});

describe('the layout is the explanation', () => {
	test('files are small enough to read at once', () => {
		const product = source.filter(
			(file) => /^(src|supabase\/functions)\//.test(file) && !file.endsWith('database.types.ts'),
		);
		const long = product
			.map((file) => ({ file, lines: read(file).trimEnd().split('\n').length }))
			.filter(({ file, lines }) => lines > (file.endsWith('.svelte') ? 250 : 200) && !isTest(file));
		expect(long).toEqual([]);
	});

	test('no drawer: no folder or file called utils, helpers, common or misc', () => {
		expect(
			everything.filter((file) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.(ts|js)$)/.test(file)),
		).toEqual([]);
	});

	test('every chapter of the schema has a play of the same name', () => {
		const chapters = readdirSync(join(root, 'supabase/migrations')).map((name) =>
			name.replace(/^\d+_/, '').replace(/\.sql$/, ''),
		);
		const plays = readdirSync(join(root, 'supabase/tests')).map((name) =>
			name.replace(/^\d+_/, '').replace(/(\.test)?\.sql$/, ''),
		);
		expect(chapters.length).toBeGreaterThan(0);
		expect(chapters.filter((name) => !plays.includes(name))).toEqual([]);
	});

	test('the product has no special case for the sandbox', () => {
		const files = source.filter((file) => /^(src|supabase)\//.test(file) && !isTest(file));
		expect(files.filter((file) => /if\s*\([^)]*sandbox/i.test(read(file)))).toEqual([]);
	});
});

describe('secrets stay behind the functions', () => {
	test('the web app names no secret', () => {
		const secret =
			/SERVICE_ROLE|SECRET_KEY|FAL_KEY|FAL_ADMIN|WEBHOOK_SECRET|CRON_SECRET|MAIL_API_KEY/;
		expect(under('src').filter((file) => secret.test(read(file)))).toEqual([]);
	});
});
