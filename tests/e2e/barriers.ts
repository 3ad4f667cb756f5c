/** What keeps somebody from using a page: axe finds it, or it does not fit. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Everything in light; in dark the colours, which are all that differs. */
export async function expectNoBarrier(page: Page, what: string) {
	for (const colorScheme of ['light', 'dark'] as const) {
		await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
		// There are no frames: without legacy mode a second page is opened for every look.
		const axe = new AxeBuilder({ page }).setLegacyMode();
		if (colorScheme === 'dark') axe.withRules(['color-contrast']);
		const { violations } = await axe.analyze();
		const found = violations.map(
			({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`,
		);
		expect(found, `${what}, ${colorScheme}`).toEqual([]);
	}
	const overhang = await page.evaluate(
		() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
	);
	expect(overhang, `${what} fits the width`).toBe(0);
}
