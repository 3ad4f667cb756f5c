/** The files of fal.media: public unless told otherwise, kept until told otherwise, on disk. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import {
	createReadStream,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { z } from 'zod';

const decision = z.enum(['allow', 'forbid', 'hide']);

/** The header `X-Fal-Object-Lifecycle-Preference`: 0 seconds means no end, not now. */
export const lifecycleSchema = z.object({
	expiration_duration_seconds: z.number().int().min(0).nullish(),
	initial_acl: z
		.object({
			default: decision,
			rules: z.array(z.object({ user: z.string(), decision })).optional(),
		})
		.nullish(),
});
export type Lifecycle = z.infer<typeof lifecycleSchema>;

const fileSchema = z.object({
	/** `<store>/<name>`, as in the address. */
	path: z.string(),
	contentType: z.string(),
	bytes: z.number(),
	requestId: z.string().nullable(),
	/** ms since 1970, or null: never. */
	expiresAt: z.number().nullable(),
	access: decision,
	/** How often yet the connection breaks half way. */
	cuts: z.number(),
});
export type StoredFile = z.infer<typeof fileSchema>;

export class Cdn {
	#dir: string;
	#base: string;
	#now: () => number;
	#secret: string;
	#files = new Map<string, StoredFile>();

	constructor(dir: string, base: string, secret: string, now: () => number) {
		this.#dir = dir;
		this.#base = base;
		this.#secret = secret;
		this.#now = now;
		mkdirSync(dir, { recursive: true });
		for (const name of readdirSync(dir).filter((entry) => entry.endsWith('.json'))) {
			const file = fileSchema.parse(JSON.parse(readFileSync(join(dir, name), 'utf8')));
			this.#files.set(file.path, file);
		}
	}

	/** `write` puts the bytes at a path; the answer is the file's address. */
	async put(
		about: {
			name: string;
			contentType: string;
			requestId: string | null;
			lifecycle: Lifecycle;
			cuts?: number;
		},
		write: (path: string) => Promise<number>,
	): Promise<{ url: string; bytes: number }> {
		const path = `${randomBytes(8).toString('hex')}/${about.name}`;
		const bytes = await write(this.#at(path));
		const seconds = about.lifecycle.expiration_duration_seconds ?? 0;
		const file: StoredFile = {
			path,
			contentType: about.contentType,
			bytes,
			requestId: about.requestId,
			expiresAt: seconds === 0 ? null : this.#now() + seconds * 1000,
			access: about.lifecycle.initial_acl?.default ?? 'allow',
			cuts: about.cuts ?? 0,
		};
		this.#files.set(path, file);
		writeFileSync(`${this.#at(path)}.json`, JSON.stringify(file));
		return { url: this.url(path), bytes };
	}

	putBytes(about: Parameters<Cdn['put']>[0], bytes: Uint8Array) {
		return this.put(about, async (path) => {
			writeFileSync(path, bytes);
			return bytes.length;
		});
	}

	/** Puts bytes into a file that is there; false when it is not. */
	replace(path: string, bytes: Uint8Array): boolean {
		const file = this.find(path);
		if (file === null) return false;
		file.bytes = bytes.length;
		writeFileSync(this.#at(path), bytes);
		writeFileSync(`${this.#at(path)}.json`, JSON.stringify(file));
		return true;
	}

	url(path: string): string {
		return `${this.#base}/files/b/${path}`;
	}

	/** What is still there. */
	list(): StoredFile[] {
		return [...this.#files.keys()].map((path) => this.find(path)).filter((file) => file !== null);
	}

	find(path: string): StoredFile | null {
		const file = this.#files.get(path);
		if (file === undefined) return null;
		if (file.expiresAt === null || file.expiresAt > this.#now()) return file;
		this.remove(path);
		return null;
	}

	remove(path: string): void {
		this.#files.delete(path);
		rmSync(this.#at(path), { force: true });
		rmSync(`${this.#at(path)}.json`, { force: true });
	}

	/** An address that opens the file to whoever has it, for some seconds. */
	sign(path: string, seconds: number): string {
		const until = Math.floor(this.#now() / 1000) + seconds;
		return `${this.url(path)}?expires=${until}&signature=${this.#seal(`${path} ${until}`)}`;
	}

	/** A token of the account, which may read all its files. */
	token(seconds: number): { token: string; expiresAt: Date } {
		const until = Math.floor(this.#now() / 1000) + seconds;
		return {
			token: `${until}.${this.#seal(`account ${until}`)}`,
			expiresAt: new Date(until * 1000),
		};
	}

	/** Opens the file for reading; removing it does not disturb whoever reads. */
	open(path: string): Readable {
		return createReadStream('', { fd: openSync(this.#at(path), 'r') });
	}

	/** Whether a request carries a token of the account, or the signature of this address. */
	isOpened(path: string, request: Request): boolean {
		const query = new URL(request.url).searchParams;
		const bearer = /^Bearer (\d+)\.(\w+)$/.exec(request.headers.get('authorization') ?? '');
		const [until, seal, what] =
			bearer === null
				? [query.get('expires') ?? '', query.get('signature') ?? '', path]
				: [bearer[1] ?? '', bearer[2] ?? '', 'account'];
		const expected = Buffer.from(this.#seal(`${what} ${until}`));
		const given = Buffer.from(seal);
		return (
			expected.length === given.length &&
			timingSafeEqual(expected, given) &&
			Number(until) * 1000 > this.#now()
		);
	}

	#seal(text: string): string {
		return createHmac('sha256', this.#secret).update(text).digest('hex');
	}

	#at(path: string): string {
		return join(this.#dir, createHash('sha256').update(path).digest('hex').slice(0, 32));
	}
}
