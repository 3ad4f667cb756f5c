/** The Chromium that tests and benches drive: the machine's own where there is one, else Playwright's. */
import { existsSync } from 'node:fs';
import type { LaunchOptions } from '@playwright/test';

const installed = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const own = process.env['CHROMIUM'] ?? installed.find((path) => existsSync(path));

export const launchOptions: LaunchOptions = {
	...(own === undefined ? {} : { executablePath: own }),
	args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
};
