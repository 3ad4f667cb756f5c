import { defineConfig, devices } from '@playwright/test';
import { launchOptions } from './tests/browser.ts';

/** A run is of one profile: E2E_PROFILE, or the default one. */
const profile = process.env['E2E_PROFILE'];

const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { ...devices['Pixel 7'], viewport: { width: 390, height: 844 } };

/** Of a profile beside the default one: its own file, and what is tagged as the same everywhere. */
const ofProfile = new RegExp(`${profile}\\.spec\\.ts|@everywhere`);

export default defineConfig({
	testDir: 'tests/e2e',
	outputDir: '.sandbox/e2e',
	globalSetup: './tests/e2e/start.ts',
	// One stack, two cores: people come one after the other.
	workers: 1,
	// How long what comes may take: a test is not about how slow the machine is.
	timeout: 300_000,
	expect: { timeout: 60_000 },
	forbidOnly: true,
	reporter: [
		['list'],
		['json', { outputFile: `.sandbox/results/e2e${profile ? ` ${profile}` : ''}.json` }],
	],
	use: {
		launchOptions,
		actionTimeout: 60_000,
		trace: 'retain-on-failure',
		screenshot: 'only-on-failure',
	},
	projects: process.env['SCREENS']
		? [{ name: 'screens', testMatch: 'screens.ts' }]
		: profile
			? [
					{ name: 'desktop', grep: ofProfile, use: desktop },
					// The first sets its widths itself; a plan does not depend on them.
					{
						name: 'phone',
						grep: ofProfile,
						testIgnore: /(data|subscription)\.spec\.ts/,
						use: phone,
					},
				]
			: [
					{ name: 'desktop', testIgnore: 'headshotr.spec.ts', use: desktop },
					{
						name: 'phone',
						// What does not depend on the width is proven once.
						testMatch: /(walk|pages|erasure)\.spec\.ts/,
						use: phone,
					},
					{ name: 'photo-prep', testDir: 'tests/photo-prep', use: desktop },
				],
});
