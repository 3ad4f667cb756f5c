/** All mail of the sandbox, whoever it is to and however it came. */
import { randomUUID } from 'node:crypto';

export type Letter = {
	from: string;
	to: string[];
	subject: string;
	html: string | null;
	text: string | null;
	headers: Record<string, string>;
	attachments?: { filename: string; content: string }[];
};

export type Mail = Letter & {
	id: string;
	via: 'api' | 'smtp';
	/** ISO 8601. */
	receivedAt: string;
	/** The six digits of a sign-in mail, where there are any. */
	code: string | null;
	links: string[];
};

export class Mailbox {
	readonly #mails: Mail[] = [];

	take(letter: Letter, via: Mail['via']): Mail {
		const mail: Mail = {
			...letter,
			id: randomUUID(),
			via,
			receivedAt: new Date().toISOString(),
			code: codeIn(letter),
			links: linksIn(letter),
		};
		this.#mails.unshift(mail);
		return mail;
	}

	/** Newest first; of one address where given, upper or lower case alike. */
	list(to?: string): Mail[] {
		const wanted = to?.toLowerCase();
		return this.#mails.filter(
			(mail) =>
				wanted === undefined || mail.to.some((one) => addressOf(one).toLowerCase() === wanted),
		);
	}

	find(id: string): Mail | undefined {
		return this.#mails.find((mail) => mail.id === id);
	}

	empty(): void {
		this.#mails.length = 0;
	}
}

/** `Ada <ada@example.com>` → `ada@example.com` */
export const addressOf = (recipient: string): string =>
	(/<([^<>]+)>\s*$/.exec(recipient)?.[1] ?? recipient).trim();

const unescaped = (text: string): string =>
	text
		.replaceAll('&quot;', '"')
		.replaceAll('&#39;', "'")
		.replaceAll('&lt;', '<')
		.replaceAll('&gt;', '>')
		.replaceAll('&amp;', '&');

const shownText = ({ html, text }: Letter): string =>
	text || unescaped((html ?? '').replaceAll(/<(style|head)\b.*?<\/\1>|<[^>]*>/gis, ' '));

const codeIn = (letter: Letter): string | null =>
	/(?<![\w/=-])\d{6}(?![\w-])/.exec(shownText(letter))?.[0] ?? null;

const linksIn = (letter: Letter): string[] => {
	const hrefs = [...(letter.html ?? '').matchAll(/\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')/gi)];
	const bare = [...(letter.text ?? '').matchAll(/https?:\/\/[^\s<>"]+/g)];
	const all = [...hrefs.map((match) => unescaped(match[1] ?? match[2] ?? '')), ...bare.map(String)];
	return [...new Set(all.filter((link) => /^https?:\/\//i.test(link)))];
};
