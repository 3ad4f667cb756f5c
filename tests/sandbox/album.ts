/** Pictures handed out again: where the product is measured, drawing each anew would take the CPU from it. */
export class Album {
	#pictures = new Map<string, Promise<Buffer>>();

	once(motif: string, draw: () => Promise<Buffer>): Promise<Buffer> {
		const known = this.#pictures.get(motif);
		if (known) return known;
		const drawn = draw();
		this.#pictures.set(motif, drawn);
		return drawn;
	}
}
