import { chromium } from '@playwright/test';
import { launchOptions } from './browser.ts';
const [base='', ...paths] = process.argv.slice(2);
const browser = await chromium.launch(launchOptions);
for (const path of paths) for (const [w,h] of [[390,844],[1280,800]] as const) for (const colorScheme of ['light','dark'] as const) {
  if ((w===390) !== (colorScheme==='dark') && !process.env['ALL']) continue;
  const page = await browser.newPage({viewport:{width:w,height:h}, colorScheme, extraHTTPHeaders: {'sec-gpc':'1'}});
  await page.goto(base+path);
  await page.screenshot({path:`/tmp/shots/${path.replace(/\W+/g,'_')}-${w}-${colorScheme}.png`, fullPage: !process.env['FOLD']});
  await page.close();
}
await browser.close();
