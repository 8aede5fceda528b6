/** What the pages in docs/ show of pmkit is what it prints. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from '../src/index.js';
import { scratch } from './helpers.js';

const docs = fileURLToPath(new URL('../../../docs', import.meta.url));
const FILE = /<!-- file: (\S+) -->\n```\w*\n([\s\S]*?)^```$/gm;
/** One or more commands, each with what it prints. */
const CONSOLE = /^```console\n(\$ pmkit [\s\S]*?)^```$/gm;

const textOf = (page: string): string => readFileSync(path.join(docs, page), 'utf8');
const commandsIn = (transcript: string): string[] => [...transcript.matchAll(/^\$ pmkit (.*)$/gm)].map(([, command]) => command!);

const pages = readdirSync(docs).filter((name) => name.endsWith('.md'));
const shown = pages.flatMap((page) => [...textOf(page).matchAll(CONSOLE)].map(([, transcript]) => ({ page, transcript: transcript! })));

describe('docs', () => {
  it('show commands', () => {
    expect(shown.length).toBeGreaterThan(0);
  });
  it.each(shown.map(({ page, transcript }) => [page, commandsIn(transcript).join('; '), transcript] as const))('%s: pmkit %s', async (page, _, transcript) => {
    const cwd = scratch();
    for (const [, file, text] of textOf(page).matchAll(FILE)) writeFileSync(path.join(cwd, file!), text!);
    let printed = '';
    const io = { stdout: (text: string) => void (printed += text), stderr: () => undefined, cwd, env: {}, isTTY: false, stderrIsTTY: false };
    for (const command of commandsIn(transcript)) {
      printed += `$ pmkit ${command}\n`;
      await run(command.split(' '), io);
    }
    expect(printed).toBe(transcript);
  });
});
