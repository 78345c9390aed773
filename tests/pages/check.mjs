// Checks the pages: axe, widths, what they load; and that the documentation sends no filter that the reader did not tick.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { launch, open, openData } from './browser.mjs';

const origin = process.argv[2].replace(/\/$/, '');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const faults = [];
const browser = await launch();

for (const path of await openData(origin)) {
  for (const [width, colorScheme] of [[360, 'light'], [1280, 'light'], [360, 'dark'], [1280, 'dark']]) {
    const { context, page, seen } = await open(browser, origin, { width, colorScheme });
    await page.goto(origin + path);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) faults.push(`${path} at ${width} px is ${wide} px too wide`);
    // The policy of the pages allows no script, so axe runs through the debugger and not in a tag.
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => axe.run(document));
    for (const { id, nodes } of violations) faults.push(`${path} ${width} ${colorScheme}: axe ${id}: ${nodes[0].html.slice(0, 160)}`);
    faults.push(...seen.foreign.map(url => `${path} asks for ${url}`), ...seen.complaints.map(text => `${path}: ${text}`));
    await context.close();
  }
}

// The documentation: the list of cases, whose filters all have examples.
const { page, seen } = await open(browser, origin);
await page.goto(`${origin}/docs/#tag/cases/GET/v1/cases`);
const section = page.locator('[id$="tag/cases/GET/v1/cases"]').first();
await section.waitFor({ timeout: 120_000 });
await section.scrollIntoViewIfNeeded();
await page.waitForTimeout(3000);
const sample = await section.locator('pre').first().innerText();
if (!sample.includes('/v1/cases') || sample.includes('?')) faults.push(`the sample of a list sends filters: ${sample}`);
await section.locator('button:has-text("Tester la requête")').first().click();
const [request] = await Promise.all([
  page.waitForRequest(request => request.url().startsWith(`${origin}/v1/cases`), { timeout: 30_000 }),
  page.locator('button:has-text("Envoyer")').first().click({ timeout: 30_000 }),
]);
if (request.url() !== `${origin}/v1/cases`) faults.push(`the trial of a list sends filters: ${request.url()}`);
if (request.headers()['if-none-match']) faults.push('the trial of a list sends an example of If-None-Match');
const text = await page.locator('body').innerText();
for (const said of ['Familles et suivis', 'Premiers pas', 'Rechercher']) {
  if (!text.includes(said)) faults.push(`the documentation does not say "${said}"`);
}
for (const link of ['Ask AI', 'Share', 'Deploy', 'dashboard.scalar.com']) {
  if ((await page.content()).includes(`>${link}<`)) faults.push(`the documentation offers "${link}"`);
}
faults.push(...seen.foreign.map(url => `/docs asks for ${url}`));
// The trial had no token.
faults.push(...seen.complaints.filter(text => !text.includes('401')).map(text => `/docs: ${text}`));

await browser.close();
for (const fault of faults) console.error(fault);
console.log(faults.length === 0 ? 'pages: no fault' : `pages: ${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);
