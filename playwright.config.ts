import { existsSync } from 'node:fs';
import { defineConfig, devices } from '@playwright/test';

// Debian's browser where Playwright's own download is not to be had; tests/sandbox/browser.js sees to one of the two.
const debian = '/usr/bin/chromium';

export default defineConfig({
	testDir: 'tests/e2e',
	outputDir: '.sandbox/e2e',
	globalSetup: './tests/e2e/start.ts',
	// One stack, two cores: people come one after the other.
	workers: 1,
	timeout: 120_000,
	expect: { timeout: 15_000 },
	forbidOnly: true,
	reporter: [['list'], ['json', { outputFile: '.sandbox/results/e2e.json' }]],
	use: {
		...(existsSync(debian)
			? {
					launchOptions: {
						executablePath: debian,
						args: [
							'--no-sandbox',
							'--disable-quic',
							'--no-first-run',
							'--disable-background-networking',
							'--disable-component-update',
							'--disable-sync',
						],
					},
				}
			: {}),
		actionTimeout: 30_000,
		trace: 'retain-on-failure',
		screenshot: 'only-on-failure',
	},
	projects: process.env['SCREENS']
		? [{ name: 'screens', testMatch: 'screens.ts' }]
		: [
				{ name: 'desktop', use: { viewport: { width: 1280, height: 800 } } },
				{
					name: 'phone',
					// What does not depend on the width is proven once.
					testMatch: /(walk|pages)\.spec\.ts/,
					use: { ...devices['Pixel 7'], viewport: { width: 390, height: 844 } },
				},
			],
});
