/** Compares in constant time, whatever their lengths: digests of both, all bytes looked at. */
export async function isSameSecret(given: string | null, expected: string): Promise<boolean> {
	const digest = async (text: string) =>
		new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
	const [a, b] = await Promise.all([digest(given ?? ''), digest(expected)]);
	return a.reduce((difference, byte, at) => difference | (byte ^ (b[at] ?? 0)), 0) === 0;
}
