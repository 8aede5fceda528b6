/** The pager as a process. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { describe, expect, it, vi } from 'vitest';
import { page } from '../src/page.js';
import { scratch } from './helpers.js';

/** A pager that writes down what it was given, or leaves early. */
const program = (code: string): string => `"${process.execPath}" -e "${code}"`;

describe('a pager', () => {
  it('reads the text, with LESS as less needs it unless the user has his own', async () => {
    const file = path.join(scratch(), 'seen');
    const env = { PATH: process.env['PATH'], SEEN: file };
    const pager = program("require('fs').writeFileSync(process.env.SEEN, process.env.LESS + ' ' + require('fs').readFileSync(0))");
    await page(pager, 'a text\n', env);
    expect(readFileSync(file, 'utf8')).toBe('FRX a text\n');
    await page(pager, 'a text\n', { ...env, LESS: 'S' });
    expect(readFileSync(file, 'utf8')).toBe('S a text\n');
  });

  it('may be left before it has read all', async () => {
    await page(program('process.exit(0)'), 'line\n'.repeat(1_000_000), { PATH: process.env['PATH'] });
  });

  it('that is not there leaves the text to the terminal', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      await page('exit 127', 'a text\n', { PATH: process.env['PATH'] });
      expect(write).toHaveBeenCalledWith('a text\n');
    } finally {
      write.mockRestore();
    }
  });
});
