/** What the build has put together: how much a browser must load, and what the page may do. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CONTENT_POLICY } from '../src/policy.js';
import { siteDirectory } from '../src/serve.js';

/** Before the console and the pages of the patches are asked for. */
const MOST_BYTES = 400 * 1024;

const read = (name: string): string => readFileSync(path.join(siteDirectory, name), 'utf8');
const isBuilt = existsSync(path.join(siteDirectory, 'index.html'));

/** The parts that a part of the worker needs at once, itself among them. */
function withNeeds(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  const [, needs] = /\]=\{needs:(\[.*?\]),code\(/.exec(read(name).slice(0, 2000))!;
  for (const need of JSON.parse(needs!) as string[]) withNeeds(need, found);
  return found;
}

describe.skipIf(!isBuilt)('the site (skipped before a build)', () => {
  it('is less than 400 KB, compressed, until the console is asked for', () => {
    const first = ['index.html', 'page.js', 'page.css', 'data/index.js', ...withNeeds('worker.js')];
    expect(first).toContain('worker-kernel.js');
    expect(first.join()).not.toMatch(/worker-(console|commands|race|level)/);
    expect(first.reduce((sum, name) => sum + gzipSync(read(name)).length, 0)).toBeLessThan(MOST_BYTES);
  });

  it('has what is asked for later in parts of its own', () => {
    const all = readdirSync(siteDirectory);
    expect(all.filter(name => /^worker-level-\d\d\.js$/.test(name))).toHaveLength(11);
    for (const part of ['worker-commands.js', 'worker-race.js']) expect(all).toContain(part);
  });

  it('is written for classic scripts and a strict policy, which the page carries', () => {
    expect(read('index.html')).toContain(`content="${CONTENT_POLICY}"`);
    expect(read('index.html')).not.toMatch(/type="module"|<style|<script>|https?:/);
  });
});
