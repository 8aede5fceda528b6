/** What the READMEs show is what happens. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** The first code block behind `mark`. */
function block(text: string, mark: RegExp): string {
  const start = text.slice(text.search(mark));
  const body = /^```\w*\n([\s\S]*?)^```$/m.exec(start)?.[1];
  if (body === undefined) throw new Error(`no code block behind ${mark.source}`);
  return body;
}

function node(args: readonly string[], input?: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', input });
  expect(stderr.split('\n').filter((line) => line.includes('rror'))).toEqual([]);
  expect(status).toBe(0);
  return stdout;
}

const commands = [...read('README.md').matchAll(/<!-- pmkit: (.*?) -->/g)].map(([mark, words]) => [words!, mark] as const);

it('shows other commands too', () => {
  expect(commands.length).toBeGreaterThan(0);
});

it.each(commands)('shows what pmkit %s prints', (words, mark) => {
  const readme = read('README.md');
  expect(block(readme.slice(readme.indexOf(mark)), /<!-- pmkit: /)).toBe(node(['packages/cli/bin/pmkit.js', ...words.split(' ')]));
});

it.each(['README.md', 'packages/mm-core/README.md'])('gives an example that comes to what its comments say: %s', (file) => {
  const lines = block(read(file), /```ts\n/).split('\n');
  // `expression; // 64 pages` becomes a line that prints the value beside the 64
  const checked = lines.map((line) => line.replace(/^(.*?);\s+\/\/ (-?\d+)\b.*$/, 'console.log(String($1), "$2");'));
  const shown = node(['--input-type=module'], checked.join('\n')).trim().split('\n');
  expect(shown.length).toBeGreaterThanOrEqual(2);
  for (const line of shown) {
    const [value, expected] = line.split(' ');
    expect(value).toBe(expected);
  }
});
