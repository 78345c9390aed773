// Pictures of the pages.
import { launch, open, openData } from './browser.mjs';

const origin = process.argv[2].replace(/\/$/, '');
const folder = process.argv[3] || '.';
const browser = await launch();
for (const path of ['/docs/', ...(await openData(origin))]) {
  for (const [width, colorScheme] of [[360, 'light'], [1280, 'light'], [360, 'dark'], [1280, 'dark']]) {
    const { context, page } = await open(browser, origin, { width, colorScheme });
    await page.goto(origin + path);
    if (path === '/docs/') await page.waitForSelector('text=Premiers pas', { timeout: 120_000 });
    const name = path.replaceAll('/', '_');
    await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png`, fullPage: path !== '/docs/' });
    await context.close();
  }
}
await browser.close();
