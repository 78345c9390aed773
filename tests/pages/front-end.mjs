// Uses the example of a front end as a person does: front-end.mjs URL DIST PORT DEMO_JSON.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join, normalize } from 'node:path';
import { launch, open } from './browser.mjs';

const [url, dist, port, demo] = process.argv.slice(2);
const origin = `http://127.0.0.1:${port}`;
const { users } = JSON.parse(readFileSync(demo, 'utf8'));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const faults = [];
const expect = (holds, what) => { if (!holds) faults.push(what); };

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
const server = createServer((request, response) => {
  const path = normalize(new URL(request.url, origin).pathname);
  const file = join(dist, path === '/' ? 'index.html' : path);
  response.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream');
  response.end(readFileSync(file));
});
await new Promise(resolve => server.listen(Number(port), '127.0.0.1', resolve));

const browser = await launch();
// A server that does not answer is a fault, not a test that hangs.
const { context, page, seen } = await open(browser, origin);
page.setDefaultTimeout(30_000);

// The contrasts of both schemes, and the width of a telephone.
async function look(where) {
  for (const [width, colorScheme] of [[360, 'light'], [1280, 'dark']]) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide <= 0, `${where} at ${width} px is ${wide} px too wide`);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => axe.run(document));
    for (const { id, nodes } of violations) faults.push(`${where} ${width} ${colorScheme}: axe ${id}: ${nodes[0].html.slice(0, 160)}`);
  }
}
const field = pointer => page.locator(`#new [name="${pointer}"]`);
const rows = page.locator('tbody tr');

try {
  await page.goto(origin);
  await look('sign-in');
  await page.fill('[name=username]', users[0].email);
  await page.fill('[name=password]', 'a wrong password');
  await page.keyboard.press('Enter');
  const refused = page.locator('#sign-in .faults');
  await refused.getByText(/\S/).first().waitFor();
  expect(await refused.evaluate(one => one === document.activeElement), 'the refusal of a password does not get the focus');

  await page.fill('[name=password]', users[0].password);
  await page.keyboard.press('Enter');
  await rows.first().waitFor();
  expect(await rows.count() === 50, `${await rows.count()} referrals are shown, not a page of 50`);
  // Some are about a structure, and some children are not born yet.
  const named = (await rows.evaluateAll(all => all.map(row => row.cells[0].textContent))).filter(name => /^\S+ \S+/.test(name));
  expect(named.length > 30, `only ${named.length} referrals of 50 are shown with a name`);
  await page.click('#more');
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length > 50);
  await page.waitForFunction(() => document.querySelectorAll('[data-list=referral_need] option').length > 2);

  // An empty form: every fault is next to its field.
  await page.locator('#new').getByRole('button').click();
  await page.locator('#new [aria-invalid]').first().waitFor();
  const wrong = await page.locator('#new [aria-invalid=true]').evaluateAll(all =>
    all.map(one => `${one.name}: ${document.getElementById(one.getAttribute('aria-describedby'))?.textContent}`));
  const missing = ['/child/identity/family_name', '/origin', '/channel', '/needs/0'].map(name => `${name}: Ce champ est obligatoire.`);
  expect(wrong.join() === missing.join(), `the faults of an empty form: ${wrong.join(', ')}`);
  await look('faults');
  await page.locator('#new .faults a').first().click();
  expect(await page.evaluate(() => document.activeElement.matches('#new [aria-invalid]')), 'a fault does not lead to its field');

  // A rule of the domain, then what is right.
  await field('/child/identity/given_name').fill('Zoé');
  await field('/child/identity/family_name').fill('Vitrine');
  await field('/commune_code').fill('63300');
  for (const [pointer, code] of [['/origin', 'pmi'], ['/channel', 'phone'], ['/needs/0', 'find_childcare']]) {
    await field(pointer).selectOption(code);
  }
  const year = new Date().getFullYear();
  const submit = async (birth, done) => {
    await field('/child/identity/birth_date').fill(birth);
    await page.locator('#new').getByRole('button').click();
    await done();
  };
  const date = '[name="/child/identity/birth_date"]';
  await submit(`${year + 2}-01-15`, () => page.waitForFunction(
    name => document.querySelectorAll('#new [aria-invalid]').length === 1 && document.querySelector(`${name}[aria-invalid]`), date));
  await submit(`${year - 2}-01-15`, () => page.locator('#status', { hasText: 'Zoé Vitrine' }).waitFor());
  expect(await page.locator('#new [aria-invalid]').count() === 0, 'the faults stay after a success');
  await page.locator('tbody tr', { hasText: 'Zoé Vitrine' }).first().waitFor();
  await look('list');

  await page.click('#sign-out');
  await page.locator('#sign-in').waitFor();
  expect(await rows.count() === 0, 'the names stay after the sign-out');

  const elsewhere = seen.foreign.filter(one => !one.startsWith(`${url}/`));
  faults.push(...elsewhere.map(one => `the front end asks for ${one}`));
  expect(seen.foreign.length > 0, 'the front end calls nothing');
  // Chromium writes each refusal that the test provokes to the console.
  faults.push(...seen.complaints.filter(text => !/status of (400|401|422)/.test(text)));
} catch (error) {
  faults.push(String(error), ...seen.complaints);
}

await context.close();
await browser.close();
server.close();
for (const fault of faults) console.error(fault);
console.log(faults.length === 0 ? 'front end: no fault' : `front end: ${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);
