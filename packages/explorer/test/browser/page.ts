/** A real Chromium with the page in it. */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import axeCore from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { siteDirectory } from '../../src/serve.js';
import type { RequestName, Requests } from '../../src/protocol.js';

/** Debian's, or the one that PMKIT_CHROMIUM names. */
const CHROMIUM = process.env['PMKIT_CHROMIUM'] ?? '/usr/bin/chromium';
export const isThere = existsSync(CHROMIUM) && existsSync(path.join(siteDirectory, 'index.html'));

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });

export const FROM_FILE = pathToFileURL(path.join(siteDirectory, 'index.html')).href;

/** A page that has opened, with what went wrong in it, and what it asked for. */
export interface Opened { readonly page: Page; readonly errors: string[]; readonly requests: string[] }

interface Look { readonly width?: number; readonly height?: number; readonly theme?: 'dark' | 'light' }

export async function open(browser: Browser, url: string, { width = 1280, height = 800, theme = 'dark' }: Look = {}): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: theme, reducedMotion: 'reduce' });
  const [errors, requests]: [string[], string[]] = [[], []];
  page.on('pageerror', error => errors.push(error.message));
  page.on('console', message => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('request', request => requests.push(request.url()));
  await page.goto(url);
  await stands(page);
  return { page, errors, requests };
}

/** Until the machines stand, and nothing is being done. */
export async function stands(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('output[data-doing=""]') !== null);
}

/** What the page itself would be answered. */
export const ask = <Name extends RequestName>(page: Page, name: Name, params: Requests[Name]['params']): Promise<Requests[Name]['result']> =>
  page.evaluate(([asked, given]) => (globalThis as unknown as { pmkit: { request(name: unknown, params: unknown): Promise<unknown> } }).pmkit.request(asked, given), [name, params] as const) as Promise<Requests[Name]['result']>;

export const hash = (page: Page): Promise<string> => ask(page, 'hash', { side: 'a' });

/** How many pixels of the map have a colour. */
export const pixels = (page: Page, [r, g, b]: readonly number[]): Promise<number> =>
  page.evaluate(([red, green, blue]) => {
    const canvas = document.querySelector<HTMLCanvasElement>('canvas[data-map="a"]')!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i] === red && data[i + 1] === green && data[i + 2] === blue) found++;
    return found;
  }, [r, g, b] as const);

/** What axe-core has to say against a part of the page as it is, a line each. @param part selector */
export async function axe(page: Page, part: string): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeCore.source);
  return page.evaluate(async where => {
    const { violations } = await (globalThis as unknown as { axe: { run(where: unknown, options: unknown): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe.run(where, { resultTypes: ['violations'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' ')}`);
  }, part);
}

const PICTURES = fileURLToPath(new URL('../../../../docs/pictures', import.meta.url));

/** Takes a picture for the docs, when they are to be made anew: `PMKIT_PICTURES=1`. */
export async function picture(page: Page, name: string): Promise<void> {
  if (process.env['PMKIT_PICTURES'] !== '1') return;
  mkdirSync(PICTURES, { recursive: true });
  const before = page.viewportSize()!;
  await page.setViewportSize({ width: 1120, height: 680 });
  await page.waitForTimeout(600);
  await page.screenshot({ path: path.join(PICTURES, `explorer-${name}.png`) });
  await page.setViewportSize(before);
}
