/** A Chromium for the tests that look at pages: the machine's own, else Debian's, else Playwright's download. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';

const isThere = () =>
	['/usr/bin/chromium', chromium.executablePath()].some((path) => existsSync(path));

/**
 * @param {string} command
 * @param {string[]} args
 */
const succeeds = (command, ...args) =>
	spawnSync(command, args, {
		stdio: ['ignore', 'ignore', 'inherit'],
		env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
	}).status === 0;

if (!isThere() && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
	console.log('Installing Chromium for the tests, from Debian (once) …');
	if (succeeds('apt-get', 'update', '-qq'))
		succeeds('apt-get', 'install', '-qq', '-y', '--no-install-recommends', 'chromium');
}
if (!isThere()) {
	console.log('Installing Chromium for the tests, from Playwright (once) …');
	succeeds('playwright', 'install', 'chromium');
}
if (!isThere()) {
	console.error(
		'There is no Chromium for the tests. Install the package `chromium` of your system at /usr/bin/chromium, or run `npx playwright install chromium`, then the same command again.',
	);
	process.exit(1);
}
