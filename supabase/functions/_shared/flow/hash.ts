export async function sha256Hex(bytes: Uint8Array): Promise<string> {
	// Copied: a view may lie on shared memory, which Web Crypto does not take.
	const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
	return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
