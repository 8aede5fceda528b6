/**
 * The page in a real Chromium, opened from a file but where it says otherwise. One browser for all; `npm run build` makes the page first.
 *
 * Skipped where there is no Chromium: Debian's package `chromium`, or PMKIT_CHROMIUM.
 */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { playScenario } from '@pmkit/series/scenario';
import { parseScenario } from '@pmkit/series/scenario/file';
import { compareScenario } from '@pmkit/series/compare';
import { colours, rgb } from '../src/draw/palette.js';
import { TOUR_SCENARIO } from '../src/engine/choices-of-the-kit.js';
import { TOUR } from '../src/engine/tour.js';
import { KINDS } from '../src/protocol.js';
import { serveSite } from '../src/serve.js';
import { ask, axe, FROM_FILE, hash, isThere, launch, open, picture, pixels, stands } from './browser/page.js';

const PANELS = ['Process', 'Trace', 'Patch', 'Console', 'Compare', 'Races', 'Tour'];
const ANONYMOUS = rgb(colours('kind', KINDS.length, 'dark')[KINDS.indexOf('anonymous')]!);

describe.skipIf(!isThere)('the page (skipped without Chromium, and before a build)', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  it('opens from a file, shows its machine, runs, and asks no other host for anything', async () => {
    const { page, errors, requests } = await open(browser, FROM_FILE);
    expect(await pixels(page, ANONYMOUS)).toBe(0);
    await page.getByLabel('Speed').selectOption('null');
    await page.keyboard.press('Space');
    await page.getByText('at its end').waitFor();
    // 64 pages in maps of a few hundred pixels: each is some pixels large
    await expect.poll(() => pixels(page, ANONYMOUS)).toBeGreaterThan(1000);
    expect(errors).toEqual([]);
    expect(requests.filter(url => !/^(file|blob|data):/.test(url))).toEqual([]);
    await page.close();
  });

  it('shows nothing that axe-core objects to, dark and light, marks the two steps that decide a race, and fits a phone', async () => {
    const { page } = await open(browser, `${FROM_FILE}#level=9&script=tour&at=14&pid=8&race=killed-by-vm`);
    for (const [panel, theme] of PANELS.map((name, i) => [name, i % 2 === 0 ? 'dark' : 'light'] as const)) {
      await page.emulateMedia({ colorScheme: theme });
      await page.getByRole('tab', { name: panel, exact: true }).click();
      // the rest of the page is the same in all of them: one in each theme
      expect(await axe(page, panel === 'Process' || panel === 'Console' ? 'body' : '.side'), `${panel}, ${theme}`).toEqual([]);
    }
    await page.getByRole('tab', { name: 'Races' }).click();
    await page.getByRole('button', { name: 'Which two steps decide?' }).click();
    await page.getByText('decides. The other way round').waitFor();
    expect(await page.locator('g.critical').count()).toBe(2);
    await page.emulateMedia({ colorScheme: 'dark' });
    await picture(page, 'race');
    await page.setViewportSize({ width: 390, height: 800 });
    for (const panel of PANELS) {
      await page.getByRole('tab', { name: panel, exact: true }).click();
      expect(await page.evaluate(() => document.scrollingElement!.scrollWidth), panel).toBeLessThanOrEqual(390);
    }
    await page.close();
  });

  it('leads through the tour from start to end', async () => {
    const { page, errors } = await open(browser, FROM_FILE);
    await page.getByRole('tab', { name: 'Tour' }).click();
    await page.getByRole('button', { name: TOUR[0]!.title }).click();
    for (const [stop, { title, state }] of TOUR.entries()) {
      await page.locator(`[data-tour="${stop}"]`).getByText(title).waitFor();
      await stands(page);
      expect(await page.getByRole('alert').allTextContents(), title).toEqual([]);
      const { position, tree } = await ask(page, 'standing', { side: 'a' });
      expect({ position, tree }, title).toEqual({ position: state.position, tree: state.tree });
      if (stop === 0) await picture(page, 'altix64');
      if (stop === 6) await picture(page, 'tour');
      if (stop === 9) await picture(page, 'lockstep');
      if (stop < TOUR.length - 1) await page.getByRole('button', { name: 'Next ›' }).click();
    }
    expect(errors).toEqual([]);
    await page.close();
  });

  it('stops two levels in lockstep where pmkit behaviour-diff says that they part', async () => {
    const { page } = await open(browser, `${FROM_FILE}#level=9&script=tour&panel=compare`);
    await page.getByLabel('Beside level 9, level').selectOption('4');
    await page.getByRole('button', { name: 'Start both' }).click();
    await page.getByRole('button', { name: 'Run until they part' }).click();
    await page.locator('[data-parting]:not([data-parting=""])').waitFor();
    const { parting } = compareScenario(playScenario(parseScenario(TOUR_SCENARIO, 'tour')), { level: 9, hotplug: false }, { level: 4, hotplug: false });
    expect(await page.locator('[data-parting]').getAttribute('data-parting')).toBe(String(parting!.step));
    const rows = await page.locator('[data-parting] table').first().locator('tbody tr').allTextContents();
    expect(rows).toHaveLength(parting!.differences.length);
    await page.close();
  });

  it('is led back to a state by its address, served or from a file', async () => {
    const server = await serveSite();
    const { page, errors } = await open(browser, `${server.url}#level=9&script=tour&at=13&pid=8`);
    await page.getByRole('button', { name: 'Pop' }).click();
    await stands(page);
    await page.getByRole('button', { name: 'On by one event' }).click();
    await stands(page);
    const there = await hash(page);
    await page.getByLabel('Colour frames by').selectOption('origin');
    await page.getByRole('tab', { name: 'Trace' }).click();
    await expect.poll(() => page.evaluate(() => location.hash)).toContain('panel=trace');
    const address = await page.evaluate(() => location.hash);
    expect(address).toContain('at=13.1');
    expect(errors).toEqual([]);
    const again = await open(browser, FROM_FILE + address);
    await expect.poll(() => again.page.evaluate(() => location.hash)).toBe(address);
    expect(await hash(again.page)).toBe(there);
    expect(await again.page.getByRole('tab', { name: 'Trace' }).getAttribute('aria-selected')).toBe('true');
    server.close();
    await Promise.all([page.close(), again.page.close()]);
  });

  it('makes pixels of what is typed at the console', async () => {
    const { page, errors } = await open(browser, `${FROM_FILE}#level=9&machine=4x1024&script=shell&panel=console`);
    await page.getByLabel('Speed').selectOption('null');
    await page.getByLabel('Line for bash').fill('numactl --membind=2 workload --stay anon:4m & sleep 1; numastat -m | grep -c .');
    const before = await pixels(page, ANONYMOUS);
    await page.getByLabel('Line for bash').press('Enter');
    await stands(page);
    // 4 MB in pages of 16 KB, where they were to be
    const { counts } = await ask(page, 'counts', { side: 'a', dimension: 'kind', firstPfn: 2 * 1024, frames: 1024 });
    expect(counts[KINDS.indexOf('anonymous')]).toBeGreaterThanOrEqual(256);
    await expect.poll(() => pixels(page, ANONYMOUS)).toBeGreaterThan(before + 1000);
    await expect.poll(() => page.getByRole('log').textContent()).toMatch(/\n\d+\n/);
    await picture(page, 'console');
    expect(errors).toEqual([]);
    await page.close();
  });

  describe('after step 14 of the tour', () => {
    let page: Page;
    beforeAll(async () => {
      ({ page } = await open(browser, `${FROM_FILE}#level=9&script=tour&at=14`));
    });
    afterAll(() => page.close());

    it('gives pictures and the trace to keep', async () => {
      const saved = async (what: string): Promise<string> => {
        const [download] = await Promise.all([page.waitForEvent('download'), page.getByLabel('Share or save').selectOption(what)]);
        return readFileSync(await download.path(), what === 'png' ? 'latin1' : 'utf8');
      };
      expect((await saved('png')).slice(1, 4)).toBe('PNG');
      const svg = await saved('svg');
      expect(svg).toMatch(/^<svg .*\n<title>its own machine, tour, level 9, step 14<\/title>/);
      expect(svg.match(/<image /g)).toHaveLength(4);
      const { traceEvents } = JSON.parse(await saved('trace')) as { traceEvents: { name: string }[] };
      expect(traceEvents.map(({ name }) => name).join()).toContain('migrate_pages');
    });

    it('goes back in time to the same state that a replay comes to', async () => {
      const there = await hash(page);
      await page.getByRole('button', { name: 'Back by one event' }).click();
      await stands(page);
      expect((await ask(page, 'standing', { side: 'a' })).position.event).toBeGreaterThan(0);
      await page.getByRole('button', { name: 'Rewind' }).click();
      await stands(page);
      expect(await hash(page)).not.toBe(there);
      for (let step = 0; step < 14; step++) await page.keyboard.press('c').then(() => stands(page));
      expect(await hash(page)).toBe(there);
    });
  });
});
