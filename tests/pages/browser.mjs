// Chromium, with a record of what a page asks for and complains about.
import { chromium } from 'playwright-core';

export async function launch() {
  const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

// A page in a context of its own, so that its cache is empty.
export async function open(browser, origin, { width = 1280, height = 900, colorScheme = 'light', locale = 'fr-FR' } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale });
  const page = await context.newPage();
  const seen = { requests: [], foreign: [], complaints: [] };
  page.on('request', request => {
    const url = request.url();
    seen.requests.push(`${request.method()} ${url}`);
    if (!url.startsWith(origin) && !url.startsWith('data:') && !url.startsWith('blob:')) seen.foreign.push(url);
  });
  page.on('pageerror', error => seen.complaints.push(String(error)));
  page.on('console', message => {
    if (message.type() === 'error') seen.complaints.push(message.text());
  });
  return { context, page, seen };
}

// The pages of open data: the list, and a release with its tables; one with hidden cells if there is one.
export async function openData(origin) {
  const get = async path => (await fetch(origin + path)).json();
  let chosen;
  for (const { id } of (await get('/v1/open-data/releases?limit=20')).data) {
    const release = await get(`/v1/open-data/releases/${id}`);
    chosen ??= release;
    if (release.tables.some(table => table.cells.some(cell => cell.status === 'suppressed'))) {
      chosen = release;
      break;
    }
  }
  const paths = ['/', '/problems/not_found', '/open-data'];
  if (!chosen) return paths;
  return [...paths, `/open-data/${chosen.id}`, ...chosen.tables.map(table => `/open-data/${chosen.id}/${table.id}`)];
}
