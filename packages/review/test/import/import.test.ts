import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBehaviour } from '@pmkit/series/catalogue';
import { migrationSeries } from '@pmkit/series/stack';
import { exportGit, exportMbox, exportQuilt } from '@pmkit/review/export';
import { ImportError, importStack, readGit, readMbox, readQuilt, runStack, type SentPatch, type StackEntry } from '@pmkit/review/import';
import { git, hasGit } from '../export/project.js';

const scratch = mkdtempSync(path.join(tmpdir(), 'pmkit-import-test-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const { entries } = migrationSeries;
const quilt = path.join(scratch, 'quilt');
const mailbox = path.join(scratch, 'series.mbox');
let mails: Buffer;

beforeAll(() => {
  exportQuilt(quilt);
  exportMbox(mailbox);
  mails = readFileSync(mailbox);
});

const sameAsKit = (stack: readonly StackEntry[]): void => {
  expect(stack.map(({ entry }) => entry)).toEqual(entries);
  for (const { patch, others } of stack) expect(others, patch.name).toEqual([]);
};

describe('export then import is the same stack', () => {
  test('of quilt', () => sameAsKit(importStack(readQuilt(quilt))));
  test('of mails, in whatever order they lie', async () => {
    const [empty, ...parts] = mails.toString('latin1').split(/^(?=From 0{40} )/m);
    expect(empty).toMatch(/^From /);
    sameAsKit(importStack(await readMbox(Buffer.from([...parts.reverse(), `${empty}`].join(''), 'latin1'), 'series.mbox')));
  });
  test.skipIf(!hasGit)('of a git range (skipped where there is no git)', async () => {
    const repository = path.join(scratch, 'git');
    exportGit(repository);
    // settings of a repository that would change what is read, or run a program
    const ran = path.join(scratch, 'ran');
    const settings = [['diff.noprefix', 'true'], ['format.attach', 'yes'], ['color.ui', 'always'], ['diff.external', `touch ${ran};`], ['diff.ts.textconv', `touch ${ran}; cat`], ['core.fsmonitor', `touch ${ran};`]] as const;
    for (const [key, value] of settings) git(repository, 'config', key, value);
    mkdirSync(path.join(repository, '.git/info'), { recursive: true });
    writeFileSync(path.join(repository, '.git/info/attributes'), '*.ts diff=ts\n');
    sameAsKit(importStack(await readGit(repository, 'level-0..hotplug')));
    expect(existsSync(ran)).toBe(false);
  });
});

describe('a changed patch', () => {
  const changed = path.join(scratch, 'changed');
  const seventh = entries[6]!.name;
  beforeAll(() => {
    cpSync(quilt, changed, { recursive: true });
    const file = path.join(changed, 'patches', seventh);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('+  return (vma.vm_flags & VM_WRITE) !== 0;');
    // a reviewer wants read-only mappings of files to move as well
    writeFileSync(file, text.replace('+  return (vma.vm_flags & VM_WRITE) !== 0;', '+  return (vma.vm_flags & VM_WRITE) !== 0 || vma.vm_file !== null;'));
  });

  test('is told from the kit\'s by file and symbol, from there on', () => {
    const stack = importStack(readQuilt(changed));
    expect(stack.map(({ others }) => others?.length)).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
    expect(stack[6]!.others).toEqual([{ file: 'mm/mmigrate.ts', symbols: ['isSelected'] }]);
  });

  test('shows in the catalogue what it does, and what it does not do any more', async () => {
    const stack = importStack(readQuilt(changed)).filter((_, at) => [6, 10, 11].includes(at));
    const [libraryText, anonymous, capture] = await runStack(stack, ['select-library-text', 'anonymous-memory-moves', 'capture-empties-range'].map(id => findBehaviour(id)!));
    // patch 4 moves it, and patch 7 of the kit does not any more
    expect(libraryText).toMatchObject({ changes: [1], seen: ['N1=2', 'N2=2', 'does not build', 'N2=2'], expected: ['N1=2', 'N1=2', 'does not build', 'N1=2'] });
    expect(anonymous!.seen).toEqual(anonymous!.expected);
    expect(capture!.seen).toEqual(capture!.expected);
    expect(capture!.seen.at(-1)).toBe('0, N0=8 N1=16, same contents');
  });
});

describe('modules that lead out of the tree', () => {
  const [first] = entries;
  const module = 'include/linux/mm_inline.ts';
  /** The tree of patch 1, with another module in it. */
  const withModule = (file: string, change: (text: string) => string): StackEntry[] => {
    const [entry] = importStack(readQuilt(quilt).slice(0, 1));
    return [{ ...entry!, files: new Map(entry!.files).set(file, change(entry!.files.get(file) ?? '')) }];
  };

  test.each([
    ['beside the project', '../../../elsewhere.js'], ['a module that is not there', './nowhere.js'], ['a package', '@pmkit/mm-core'], ['a part of Node', 'node:fs'], ['the catalogue', '../../catalogue/lab.js'],
  ])('%s: refused with file and line, before anything is loaded', async (_what, specifier) => {
    const stack = withModule(module, text => text.replace(/^import /m, `import * as elsewhere from '${specifier}';\nimport `));
    const line = stack[0]!.files.get(module)!.split('\n').findIndex(text => text.includes(' elsewhere ')) + 1;
    await expect(runStack(stack, [])).rejects.toThrow(new ImportError(`${module}:${line}: found an import of "${specifier}"; expected one of a module of the kernel's tree`));
  });

  test('a module that fails while it is loaded is told by the patch on top', async () => {
    await expect(runStack(withModule(module, text => `${text}\nthrow new Error('no');\n`), [])).rejects.toThrow(new ImportError(`${first!.name}: the modules of the tree cannot be loaded: no`));
  });

  test('a kernel table of other modules', async () => {
    const stack = withModule('kernel-table.ts', text => text.replace("from './mm/slab.js'", "from './catalogue/lab.js'"));
    await expect(runStack(stack, [])).rejects.toThrow(/^kernel-table\.ts cannot be read: found "catalogue\/lab\.ts" among the object files/);
  });
});

describe('what is refused', () => {
  const ofQuilt = (change: (text: string) => string): SentPatch[] => {
    const place = mkdtempSync(path.join(scratch, 'bad-'));
    mkdirSync(path.join(place, 'patches'));
    const { name } = entries[0]!;
    writeFileSync(path.join(place, 'patches', name), change(readFileSync(path.join(quilt, 'patches', name), 'utf8')));
    writeFileSync(path.join(place, 'patches/series'), `${name}\n`);
    return readQuilt(place);
  };
  const message = (call: () => unknown): string => {
    try {
      call();
    } catch (error) {
      if (error instanceof ImportError) return error.message.replaceAll(scratch, '');
      throw error;
    }
    return 'taken';
  };

  test.each([
    ['a path that leads out of the tree', (text: string) => text.replaceAll('include/linux/mm_inline.ts', '../../etc/passwd'), /patch:\d+: found "b?\/?.*\.\.\/\.\.\/etc\/passwd"; expected a path/],
    ['a path into what git keeps', (text: string) => text.replaceAll('b/include/linux/mm_inline.ts', 'b/.git/hooks/post-checkout'), /patch:\d+: found a diff of "\.git\/hooks\/post-checkout"; expected a file of the tree/],
    ['a patch that was cut off', (text: string) => text.split('\n').slice(0, -4).join('\n'), /hunk \d+: found the end of the text/],
    ['a hunk that does not fit', (text: string) => text.replace('   const { m } = this;', '   const { n } = this;'), /patch:\d+: include\/linux\/mm_inline\.ts, hunk \d+: does not apply: what it changes, from line \d+ on, is not there$/],
    ['a file that is there already', (text: string) => text.replace('--- a/include/linux/mm_inline.ts', '--- /dev/null'), /include\/linux\/mm_inline\.ts is there already$/],
    ['what is no TypeScript any more', (text: string) => text.replace('+  let ret = 0;', '+  let ret = ;'), /^hirokazu-steal_page_from_lru\.patch: include\/linux\/mm_inline\.ts as the patch leaves it: Unexpected token \(\d+:\d+\)$/],
    ['a link', (text: string) => text.replace(/^diff --git .*$/m, '$&\nnew file mode 120000'), /patch:\d+: found "new file mode 120000"; expected only changes of text files, as unified diffs$/],
  ])('%s', (_what, change, expected) => {
    expect(message(() => importStack(ofQuilt(change)))).toMatch(expected);
  });

  test('names in a series file that lead elsewhere, and options', () => {
    const place = path.join(scratch, 'series');
    mkdirSync(path.join(place, 'patches'), { recursive: true });
    for (const [line, found] of [['../../x.patch', '"../../x.patch"; expected the name of a patch'], ['x.patch -R', '"-R"; expected no options but -p1']] as const) {
      writeFileSync(path.join(place, 'patches/series'), `# a comment\n${line}\n`);
      expect(message(() => readQuilt(place))).toBe(`/series/patches/series:2: found ${found}`);
    }
  });

  test('links that lead out of the directory, and not those within', () => {
    const place = path.join(scratch, 'links');
    mkdirSync(path.join(place, 'patches'), { recursive: true });
    writeFileSync(path.join(scratch, 'secret'), 'secret\n');
    writeFileSync(path.join(place, 'own.patch'), 'to be done\n');
    symlinkSync('../own.patch', path.join(place, 'patches/within.patch'));
    symlinkSync('../../secret', path.join(place, 'patches/out.patch'));
    writeFileSync(path.join(place, 'patches/series'), 'within.patch\n');
    expect(readQuilt(place).map(({ name }) => name)).toEqual(['within.patch']);
    writeFileSync(path.join(place, 'patches/series'), 'out.patch\n');
    expect(message(() => readQuilt(place))).toBe('/links/patches/out.patch: found a link that leads out of /links; expected a file of it');
    rmSync(path.join(place, 'patches'), { recursive: true });
    symlinkSync(path.join(quilt, 'patches'), path.join(place, 'patches'));
    expect(message(() => readQuilt(place))).toMatch(/^\/links\/patches\/series: found a link that leads out of \/links;/);
  });

  test('a mailbox that was cut off', async () => {
    await expect(readMbox(mails.subarray(0, mails.length / 2), 'half.mbox')).rejects.toThrow(/^half\.mbox:\d+/);
  });
});
