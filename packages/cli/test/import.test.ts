/** pmkit import-process and pmkit dry-run. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { dryRunSchema, processSchema } from '../src/import/schema.js';
import { scratch, session, type Session } from './helpers.js';

const FILES: Readonly<Record<string, string>> = {
  maps: `00400000-00404000 r-xp 00000000 fe:00 1201                               /opt/bin/solver
01a00000-01a20000 rw-p 00000000 00:00 0                                  [heap]
7f2000000000-7f2000008000 rw-s 00000000 fe:00 900                        /data/result
7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]
`,
  numa_maps: `00400000 default file=/opt/bin/solver mapped=4 N0=4 kernelpagesize_kB=4
01a00000 bind:0 heap anon=20 dirty=20 N0=20 kernelpagesize_kB=4
7f2000000000 default file=/data/result dirty=2 mapped=5 N0=2 N1=3 kernelpagesize_kB=4
7ffd00000000 default stack anon=3 dirty=3 N0=3 kernelpagesize_kB=4
`,
  status: 'Name:\tsolver\nPid:\t4711\nUid:\t1000\t1000\t1000\t1000\nGid:\t100\t100\t100\t100\nThreads:\t3\n',
};

/** A session with a saved process in the directory p. */
function withCopy(files: Readonly<Record<string, string>> = FILES): Session {
  const cwd = scratch();
  mkdirSync(path.join(cwd, 'p'));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(cwd, 'p', name), text);
  return session({ cwd });
}

describe('pmkit import-process', () => {
  it('prints numa_maps of the simulated process, and on standard error what is lost', async () => {
    const { code, out, err } = await withCopy()('import-process p');
    const placed = (text: string): string[] => text.trim().split('\n').map((line) => line.replace(/ (mapped|active|dirty|anon)=\d+/g, ''));
    expect(code).toBe(0);
    expect(placed(out)).toEqual(placed(FILES['numa_maps']!));
    expect(err).toBe('pmkit import-process: 3 threads: only their memory is imported\n');
  });

  it('writes JSON that it and dry-run read again', async () => {
    const pmkit = withCopy();
    const first = await pmkit('import-process p -o p.json');
    processSchema.parse(JSON.parse(readFileSync(path.join(pmkit.cwd, 'p.json'), 'utf8')));
    expect(await pmkit('import-process p.json')).toEqual(first);
    expect(await pmkit('dry-run p.json --from 0 --to 1 --at 7')).toEqual(await pmkit('dry-run p --from 0 --to 1 --at 7'));
  });

  it('builds it on a machine that is asked for, which the JSON then names', async () => {
    const pmkit = withCopy();
    expect((await pmkit(['import-process', 'p', '-o', 'p.json', '--at', '10', '--machine', 'numa:3(memory=64MiB) pu:2'])).code).toBe(0);
    expect(JSON.parse(readFileSync(path.join(pmkit.cwd, 'p.json'), 'utf8'))).toMatchObject({ machine: { name: 'numa:3(memory=64MiB) pu:2' } });
  });

  it('ends with 1 where pages are not where they were', async () => {
    const files = {
      ...FILES, maps: '10000-11000 r--s 0 fe:00 5 /a\n14000-15000 r--s 0 fe:00 5 /a\n',
      numa_maps: '10000 default file=/a mapped=1 N0=1 kernelpagesize_kB=4\n14000 default file=/a mapped=1 N1=1 kernelpagesize_kB=4\n',
    };
    const { code, err } = await withCopy(files)('import-process p');
    expect(code).toBe(1);
    expect(err).toContain('pmkit import-process: 00014000: 0 pages on node 1 instead of 1\n');
  });

  it.runIf(existsSync('/proc/self/numa_maps'))('imports this very process', async () => {
    const { out, err } = await session()('import-process self');
    expect(out).toContain(' stack ');
    expect(err).not.toContain('internal error');
  });
});

describe('pmkit dry-run', () => {
  it('has a table of all levels, and tells vma by vma what each of them does', async () => {
    const { code, out } = await withCopy()('dry-run p --from 0 --to 1');
    expect(code).toBe(0);
    expect(out.split('\n\n')[0]).toBe(
      'levels  migrate_pages()  moves  keeps\n0-3             -ENOSYS      0     32\n4                    29     29      3\n5-6                  29     29      3\n7-10                 25     25      7',
    );
    expect(out).toContain('Levels 0-3: refused with ENOSYS: there is no such system call before patch 4 (the base tree)\n  all 32 pages stay where they are\n');
    expect(out).toContain('  01a00000-01a20000 rw-p heap\n    20 pages moved from node 0 to node 1: anonymous memory is moved (patch 7)\n    policy: bind:0 becomes bind:1\n');
    expect(out).toContain('  00400000-00404000 r-xp /opt/bin/solver\n    4 pages kept on node 0: a mapped file without VM_WRITE is not moved unless mbind() says so');
    expect(out).not.toContain('NOT AS THE RULES SAY');
  });

  it('prints JSON that the schema describes', async () => {
    const { out } = await withCopy()('dry-run p --from 0 --to 1 --at 7 --json');
    const { levels, from, to } = dryRunSchema.parse(JSON.parse(out));
    expect({ from, to, levels: levels.map(({ level, result }) => [level, result]) }).toEqual({ from: [0], to: [1], levels: [[7, '25']] });
  });

  it("takes node lists in numactl's syntax, one new node for many old ones", async () => {
    const pmkit = withCopy();
    const machine = 'numa:4(memory=64MiB) pu:2';
    const moves = async (from: string, to: string): Promise<unknown> => JSON.parse((await pmkit(['dry-run', 'p', '--from', from, '--to', to, '--at', '4', '--json', '--machine', machine])).out);
    expect(await moves('0-1', '2,3')).toMatchObject({ from: [0, 1], to: [2, 3], levels: [{ moved: 32 }] });
    expect(await moves('!2-3', '3')).toMatchObject({ from: [0, 1], to: [3, 3] });
    expect(await moves('all', '3')).toMatchObject({ from: [0, 1, 2, 3], levels: [{ result: '-EINVAL', refusal: { rule: 'EINVAL: node 3 is old and new' } }] });
  });

  it('says so, and ends with 1, where something happens that the rules do not say', async () => {
    const files = { ...FILES, maps: '10000000-10100000 rw-p 0 00:00 0 \n', numa_maps: '10000000 default anon=200 N0=200 kernelpagesize_kB=4\n' };
    const machine = 'pack:1 [numa(memory=4MiB)] [numa(memory=480kiB)] [numa(memory=4MiB)] pu:1';
    const { code, out, err } = await withCopy(files)(['dry-run', 'p', '--from', '0', '--to', '1', '--at', '4', '--machine', machine]);
    expect(code).toBe(1);
    expect(out).toContain('    NOT AS THE RULES SAY (every mapped page is moved before patch 7): expected N1=200, found ');
    expect(err).toContain('pmkit dry-run: at level 4 not all is as the rules say\n');
  });
});

describe('misuse', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['no such directory', ['import-process', 'nowhere'], /nowhere: process: found no such directory; expected a directory with maps/],
    ['a machine there is not', ['import-process', 'p', '--machine', 'nowhere'], /nowhere: topology: found nothing there/],
    ['a machine without the nodes', ['import-process', 'p', '--machine', 'numa:1 pu:1'], /nodes: found 0; expected a machine with node 1, which the process uses/],
    ['a level there is not', ['import-process', 'p', '--at', '11'], /--at 11: expected a level from 0 to 10/],
    ['a file that is no JSON', ['dry-run', 'p/maps', '--from', '0', '--to', '1'], /pmkit dry-run: p\/maps: .*JSON/],
    ['JSON of something else', ['dry-run', 'other.json', '--from', '0', '--to', '1'], /other\.json: schema: /],
    ['a node that the machine has not', ['dry-run', 'p', '--from', '0', '--to', '4', '--machine', 'numa:2 pu:1'], /--to: node argument 4 is out of range; expected nodes of numa:2 pu:1: 0 1/],
    ['lists that do not fit', ['dry-run', 'p', '--from', '0', '--to', '1,2'], /--to 1,2: found 2 nodes; expected 1, as --from has, or one/],
    ['no nodes', ['dry-run', 'p', '--from', '', '--to', '1'], /--from: ''; expected nodes/],
  ])('%s ends with 2 and a sentence', async (_, command, message) => {
    const pmkit = withCopy();
    writeFileSync(path.join(pmkit.cwd, 'other.json'), '{"schema":"pmkit-patch/1"}');
    const { code, out, err } = await pmkit(command);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
    expect(err).not.toContain('    at ');
  });
});
