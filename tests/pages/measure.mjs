// When the documentation can be used: the subjects are shown, and two seconds follow without a task of 50 ms.
import { launch, open } from './browser.mjs';

const origin = process.argv[2].replace(/\/$/, '');
const [path = '/docs/', selector = 'text=Familles et suivis'] = process.argv.slice(3);
const browser = await launch();
for (let turn = 0; turn < 5; turn++) {
  const { context, page, seen } = await open(browser, origin);
  await page.addInitScript(() => {
    window.longTasks = [];
    new PerformanceObserver(list => window.longTasks.push(...list.getEntries().map(task => task.startTime + task.duration)))
      .observe({ type: 'longtask', buffered: true });
  });
  await page.goto(origin + path, { waitUntil: 'commit' });
  await page.waitForSelector(selector, { timeout: 120_000 });
  const shown = await page.evaluate(() => performance.now());
  let last;
  let now;
  do {
    await page.waitForTimeout(500);
    [last, now] = await page.evaluate(() => [Math.max(0, ...window.longTasks), performance.now()]);
  } while (now - last < 2000);
  const heap = await page.evaluate(() => performance.memory.usedJSHeapSize);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  console.log(`${(Math.max(shown, last) / 1000).toFixed(1)} s, ${Math.round(heap / 1e6)} MB of heap, ${height} px, ${seen.requests.length} requests, ${seen.foreign.length} to other hosts`);
  await context.close();
}
await browser.close();
