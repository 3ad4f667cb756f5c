import { edits } from '#domain/edit.ts';
import { deserialize } from '$app/forms';
import type { Progress } from '$lib/server/progress.ts';
import type { listHeadshots } from '$lib/server/headshots.ts';

export type Headshot = Awaited<ReturnType<typeof listHeadshots>>[number];

type Trouble = { title: string; hint: string };
const unreachable: Trouble = {
	title: 'That did not reach us.',
	hint: 'Check your connection and try again. Nothing has changed.',
};

/** The gallery as it is being looked at: which frames are shown, opened, and laid side by side. */
export class Gallery {
	#all: Headshot[] = $state.raw([]);
	#base: string;
	/** 'all', 'favourites', or a style's id. */
	filter = $state('all');
	openedId: string | null = $state(null);
	/** Null: not comparing. Otherwise the frames picked so far, at most two. */
	picked: string[] | null = $state.raw(null);
	trouble: Trouble | null = $state.raw(null);
	needsConsent = $state(false);
	/** Edits that were asked for on this page, and how many portraits have come since. */
	planned = $state(0);
	arrived = $state(0);

	readonly shown = $derived.by(() => {
		if (this.filter === 'all') return this.#all;
		if (this.filter === 'favourites') return this.#all.filter((headshot) => headshot.is_favorite);
		return this.#all.filter((headshot) => headshot.style.id === this.filter);
	});
	readonly favourites = $derived(this.#all.filter((headshot) => headshot.is_favorite));
	readonly styles = $derived(
		this.#all
			.map(({ style }) => style)
			.filter((style, at, all) => all.findIndex(({ id }) => id === style.id) === at),
	);
	readonly opened = $derived(this.shown.find((headshot) => headshot.id === this.openedId) ?? null);
	readonly compared = $derived(
		this.picked?.length === 2 ? this.#all.filter(({ id }) => this.picked?.includes(id)) : [],
	);

	constructor(headshots: Headshot[], base: string) {
		this.#all = headshots;
		this.#base = base;
	}

	get base() {
		return this.#base;
	}

	get all() {
		return this.#all;
	}

	pictureOf(headshot: Headshot) {
		return `${this.#base}/pictures/${headshot.id}`;
	}

	/** Opens a frame, or picks it while two are being compared. */
	choose(id: string) {
		if (this.picked === null) this.openedId = id;
		else if (this.picked.includes(id)) this.picked = this.picked.filter((one) => one !== id);
		else if (this.picked.length < 2) this.picked = [...this.picked, id];
	}

	/** The frame `by` places further among those shown, or null at either end. */
	neighbour(by: 1 | -1): Headshot | null {
		const at = this.shown.findIndex((headshot) => headshot.id === this.openedId);
		return at < 0 ? null : (this.shown[at + by] ?? null);
	}

	step(by: 1 | -1) {
		const next = this.neighbour(by);
		if (next) this.openedId = next.id;
	}

	/** Shown at once, taken back when the server says no. */
	async favour(id: string, is_favorite: boolean) {
		this.#change(id, { is_favorite });
		const kept = await this.#post('favourite', { id, is_favorite: String(is_favorite) });
		if (!kept) this.#change(id, { is_favorite: !is_favorite });
	}

	/** Gone for good once the server has said yes; given back, its credit has come back. Answers whether it has. */
	async remove(id: string, isReturned = false): Promise<boolean> {
		const after = this.neighbour(1) ?? this.neighbour(-1);
		if (!(await this.#post(isReturned ? 'giveBack' : 'remove', { id }))) return false;
		if (this.openedId === id) this.openedId = after?.id ?? null;
		this.#all = this.#all.filter((headshot) => headshot.id !== id);
		return true;
	}

	/** Answers whether it is being made. */
	async edit(fields: {
		id: string;
		edit: string;
		style: string;
		request: string;
	}): Promise<boolean> {
		if (!(await this.#post('edit', fields))) return false;
		this.planned += 1;
		return true;
	}

	/** Asks whether what was asked for has come. */
	async look(): Promise<void> {
		const answer = await fetch(`${this.#base.replace(/gallery$/, 'progress/news')}`).catch(
			() => null,
		);
		if (!answer?.ok) return;
		const { arrivals } = (await answer.json()) as Progress;
		this.arrived = arrivals.filter(
			(id) => !this.#all.some((headshot) => headshot.id === id),
		).length;
	}

	/** The new ones, the last of them opened. */
	show(): void {
		location.assign(`${this.#base}?new`);
	}

	#change(id: string, change: Partial<Headshot>) {
		this.#all = this.#all.map((headshot) =>
			headshot.id === id ? { ...headshot, ...change } : headshot,
		);
	}

	async #post(action: string, fields: Record<string, string>): Promise<boolean> {
		this.trouble = null;
		const body = new FormData();
		for (const [name, value] of Object.entries(fields)) body.set(name, value);
		try {
			const response = await fetch(`${this.#base}?/${action}`, {
				method: 'POST',
				headers: { 'x-sveltekit-action': 'true' },
				body,
				signal: AbortSignal.timeout(20_000),
			});
			const result = deserialize(await response.text());
			if (result.type === 'success') return true;
			this.needsConsent = result.type === 'failure' && result.data?.['needsConsent'] === true;
			this.trouble =
				result.type === 'failure' && result.data?.title
					? { title: String(result.data.title), hint: String(result.data.hint ?? '') }
					: unreachable;
		} catch {
			this.trouble = unreachable;
		}
		return false;
	}
}

/** To be read behind a portrait's number: what was changed in it. */
export const editWords = ({ edit }: Headshot): string =>
	edit === null ? '' : ` · ${edits[edit].name.toLowerCase()}, edited`;
