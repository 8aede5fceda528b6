/** What the pages show of pmkit and of the simulated machine is what they print. `pmkit docs docs --update` writes them anew. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from '@commander-js/extra-typings';
import { linkLevel, migrationSeries, touchedFiles } from '@pmkit/series/stack';
import { describe, expect, it } from 'vitest';
import type { Context } from '../src/context.js';
import { run } from '../src/index.js';
import { blocksOf, blockText, matches, TranscriptError } from '../src/transcripts/blocks.js';
import { playPage, updatedPage } from '../src/transcripts/play.js';
import { playFile, transcriptPages } from '../src/transcripts/update.js';

const docs = fileURLToPath(new URL('../../../docs', import.meta.url));
const silent = { stdout: () => undefined, stderr: () => undefined, cwd: '/', env: {}, isTTY: false, stderrIsTTY: false };
const context: Context = { io: silent, services: () => Promise.resolve({ series: migrationSeries, linkLevel, touchedFiles }), newCommand: name => new Command(name), run };
const pages = transcriptPages(docs).filter(file => readFileSync(file, 'utf8').includes('```console'));

describe('the pages', () => {
  it('show pmkit, and shells on the simulated machine', () => {
    const machines = pages.flatMap(file => blocksOf(readFileSync(file, 'utf8')).map(({ machine }) => machine));
    expect(machines.some(machine => machine === null)).toBe(true);
    expect(machines.some(machine => machine !== null)).toBe(true);
  });
  it.each(pages.map(file => [path.relative(path.dirname(docs), file), file]))('%s shows what is printed', async (_, file) => {
    const { text, played } = await playFile(context, file, path.dirname(docs));
    expect(updatedPage(text, played)).toBe(text);
  });
});

describe('a transcript', () => {
  const page = (info: string, body: string): string => `text\n\n\`\`\`console${info}\n${body}\`\`\`\n`;
  const playing = async (text: string): Promise<string> => updatedPage(text, await playPage(context, text));

  it('is run on the machine and the level that its fence names', async () => {
    const wanted = page(' level=3 machine="numa:2(memory=64MiB) pu:2"', 'pmkit# syscall migrate_pages 1 1 {0} {1}\n= -1 ENOSYS (Function not implemented)\npmkit# ls /sys/devices/system/node/\nhas_cpu\n...\nnode1\n...\n');
    expect(await playing(wanted)).toBe(wanted);
    expect(await playing(wanted.replace('ENOSYS', 'EPERM'))).not.toContain('EPERM');
  });
  it('goes on where the last block stopped, when it says so', async () => {
    const wanted = page(' level=0', 'pmkit# x=5; cd /tmp\n') + page(' continue', 'pmkit# pwd\n/root\n');
    expect(await playing(wanted)).toBe(wanted);
  });
  it('may have commands of several lines, and prompts of users', async () => {
    const wanted = page(' level=0 user=1000', 'pmkit$ for i in 1 2\n> do echo $i\n> done\n1\n2\npmkit$ id -u\n1000\n');
    expect(await playing(wanted)).toBe(wanted);
  });
  it('that is changed keeps everything around it', async () => {
    const wrong = page(' level=0', 'pmkit# echo a\nb\npmkit# echo c\n');
    expect(await playing(wrong)).toBe(page(' level=0', 'pmkit# echo a\na\npmkit# echo c\nc\n'));
  });
  it.each([
    [' level=', "line 3: expected level= behind `console`, found 'level='"],
    [' nodes=4', "line 3: expected level=, machine=, user=, swap= or continue behind `console`, found 'nodes=4'"],
    [' machine=altix8', "line 3: expected level= behind `console`, found 'machine=altix8'"],
  ])('with `console%s` is refused', (info, message) => {
    expect(() => blocksOf(page(info, 'pmkit# a\n'))).toThrow(new TranscriptError(message));
  });
  it('that does not begin with a command is refused', () => {
    expect(() => blocksOf(page(' level=0', 'a\n'))).toThrow("line 4: expected a command behind 'pmkit# ' or 'pmkit$ ', found 'a'");
  });
});

describe('what may vary', () => {
  it.each([
    ['a\n...\nb\n', 'a\nb\n', true], ['a\n...\nb\n', 'a\nx\ny\nb\n', true], ['a\n...\nb\n', 'a\nx\n', false],
    ['pid ... is\n', 'pid 17 is\n', true], ['pid ... is\n', 'pid\n17 is\n', false], ['a.c\n', 'abc\n', false], ['...\n', '', true],
  ])('%j and %j: %s', (expected, printed, agrees) => {
    expect(matches(expected, printed)).toBe(agrees);
  });
  it('is kept apart from commands', () => {
    const [block] = blocksOf('```console level=0\npmkit# a\n...\n> x\n```\n');
    expect(block!.exchanges).toEqual([{ lines: ['a'], printed: '...\n> x\n' }]);
    expect(blockText('pmkit# ', block!.exchanges)).toBe('pmkit# a\n...\n> x\n');
  });
});
