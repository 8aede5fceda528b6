import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrationSeries } from '@pmkit/series/stack';
import { describe, expect, it } from 'vitest';
import { bisectSchema, type BisectJson } from '../src/schemas.js';
import { scratch, session, type Answer, type Session } from './helpers.js';

const [P1, P2, P3, P4, P5, P6, P7] = migrationSeries.entries.map(({ name }) => name) as [string, string, string, string, string, string, string];
const TOP = migrationSeries.entries.at(-1)!.name;

const ENV = { PATH: process.env['PATH']! };

/** A program in JavaScript that knows its level as `level`, and which it was told of as `tree`; for a shell, which starts in no time: the exit code at each level, or a script. */
type Judge = string | ((level: number) => number) | { readonly shell: string };

function program(body: Judge): readonly string[] {
  if (typeof body === 'object') return ['sh', '-c', body.shell];
  if (typeof body === 'function') return ['sh', '-c', 'shift "$PMKIT_LEVEL"; exit "$1"', 'judge', ...Array.from({ length: 11 }, (_, level) => String(body(level)))];
  const file = path.join(scratch(), 'judge.cjs');
  writeFileSync(file, `const level = Number(process.env.PMKIT_LEVEL); const tree = process.env.PMKIT_TREE;\n${body}\n`);
  return [process.execPath, file];
}

const bisectRun = (options: readonly string[], body: Judge, pmkit: Session = session({ env: ENV })): Promise<Answer> => pmkit(['bisect', 'run', ...options, ...program(body)]);

async function bisectJson(options: readonly string[], body: Judge): Promise<BisectJson> {
  return bisectSchema.parse(JSON.parse((await bisectRun(['--json', ...options], body)).out));
}

const verdicts = ({ levels }: BisectJson): string => levels.map(({ verdict }) => verdict[0]).join('');

describe('bisect run in one go', () => {
  it('tells the first bad patch, and that every level was looked at', async () => {
    const { code, out } = await bisectRun([], level => (level < 4 ? 0 : 1));
    expect(code).toBe(0);
    expect(out).toContain(`\n${P4} is the first bad patch\n\n    patch 4, @pmkit/p04-sys-migrate-pages\n    the system call migrate_pages()\n`);
    expect(out).toMatch(/^\[3\] +good {2}exit 0\n\[4\] +bad {2}exit 1$/m);
    expect(out).toMatch(/\nAll levels looked at: good below, bad from there on\.\n$/);
  });

  it('leaves the stack alone, and needs none', async () => {
    const pmkit = session({ env: ENV });
    await bisectRun([], level => (level < 4 ? 0 : 1), pmkit);
    expect(existsSync(path.join(pmkit.cwd, '.pmkit'))).toBe(false);
  });

  it('gives the program its own options, the working directory, the environment, and both names of the level', async () => {
    const pmkit = session({ env: { ...ENV, OWN: 'own' } });
    const body = "console.log(JSON.stringify([tree, process.cwd(), process.env.OWN, process.argv.slice(2)])); process.exit(level < 4 ? 0 : 1)";
    const { out } = await pmkit(['bisect', 'run', '--no-verify', ...program(body), '--debug', '-c', '--json', '--', 'a b', '*']);
    expect(out).toContain(`\n${JSON.stringify(['4', pmkit.cwd, 'own', ['--debug', '-c', '--json', '--', 'a b', '*']])}\n`);
  });

  it('says when it comes and goes, and names every change', async () => {
    const { code, out } = await bisectRun([], level => (level < 3 || level === 7 || level === 8 ? 0 : 1));
    expect(code).toBe(0);
    expect(out).toContain(`${P3} is the first bad patch`);
    expect(out).toContain('\nNot monotone: there is more than one change.\n  bad from level 3 to 6\n  good from level 7 to 8\n  bad from level 9 on\n');
  });

  it('does not look further with --no-verify', async () => {
    const result = await bisectJson(['--no-verify'], level => (level < 3 || level === 7 ? 0 : 1));
    expect(result).toMatchObject({ firstBad: { level: 3 }, monotone: null });
    expect(result.levels.map(({ level }) => level)).toEqual([0, 2, 3, 4, 5, 10]);
  });

  it('looks between --good and --bad only', async () => {
    const result = await bisectJson(['--good', 'xfs', '--bad=p07'], level => (level >= 4 && level < 9 ? 3 : 0));
    expect(result).toMatchObject({ firstBad: { level: 4, patch: P4 }, monotone: true, changes: [4] });
    expect(result.levels.map(({ level }) => level)).toEqual([2, 3, 4, 5, 6, 7]);
  });

  it('names the range when skipping leaves doubt, in git’s words and with its exit code', async () => {
    const { code, out } = await bisectRun([], level => (level < 5 ? 0 : level < 7 ? 125 : 1));
    expect(code).toBe(2);
    expect(out).toContain(`There are only 'skip'ped levels left to test.\nThe first bad patch could be any of:\n  [5] ${P5}\n  [6] ${P6}\n  [7] ${P7}\nWe cannot bisect more!\n`);
    expect(out).toMatch(/^Every level looked at that can be judged: good below, bad from there on\.$/m);
  });

  it.each([
    ['ends with 128 or more', 'process.exit(200)', 200, 'exit code 200'],
    ['is killed', "process.kill(process.pid, 'SIGTERM')", 143, 'exit code 143'],
  ])('a program that %s ends it', async (_, end, code, said) => {
    const answer = await bisectRun([], `if (level === 5) { ${end}; setTimeout(() => {}, 10000) } else process.exit(level < 4 ? 0 : 1)`);
    expect(answer).toMatchObject({ code, err: expect.stringMatching(new RegExp(`^bisect run failed: ${said} from .* is < 0 or >= 128\n$`)) as string });
    expect(answer.out).not.toContain('first bad patch');
  });

  it('prints nothing but JSON with --json; what the program prints is on standard error', async () => {
    const { out, err } = await bisectRun(['--json'], "console.log('hello'); process.exit(level < 4 ? 0 : 1)");
    expect(bisectSchema.parse(JSON.parse(out))).toMatchObject({ firstBad: { level: 4, patch: P4, package: '@pmkit/p04-sys-migrate-pages' }, candidates: [{ level: 4 }], monotone: true, changes: [4] });
    expect(err).toContain('hello\n');
  });
});

describe('the signature', () => {
  const failsAs = (words: string): Judge => ({ shell: `test "$PMKIT_LEVEL" -lt 3 && exit 0; ${words}` });
  const saysWhich = 'if test "$PMKIT_LEVEL" -lt 5; then echo no such call; else echo wrong node; fi >&2';

  it('makes a failure of another kind none of the failure that is looked for', async () => {
    const { code, out } = await bisectRun([], failsAs(`${saysWhich}; exit 1`));
    expect(code).toBe(2);
    expect(out).toContain(`could be any of:\n  [3] ${P3}\n  [4] ${P4}\n  [5] ${P5}\n`);
    expect(out).toMatch(/^\[3\] +bad, but otherwise {2}exit 1: no such call$/m);
    expect(out).toContain('  bad, but otherwise from level 3 to 4\n  bad from level 5 on\n');
  });

  it('is not compared with --any-failure', async () => {
    const result = await bisectJson(['--any-failure'], failsAs(`${saysWhich}; exit "$PMKIT_LEVEL"`));
    expect(result).toMatchObject({ firstBad: { level: 3 }, monotone: true });
  });

  it('is the exit code too', async () => {
    expect(verdicts(await bisectJson([], failsAs('test "$PMKIT_LEVEL" -lt 5 && exit 1; exit 2')))).toBe('gggoobbbbbb');
  });

  it('does not hang on numbers, nor on what is printed before the last line', async () => {
    const body = failsAs('printf "pid %d\\nat level %d: 0x%x\\n\\n" $$ "$PMKIT_LEVEL" $((PMKIT_LEVEL * 4096)) >&2; exit 1');
    expect((await bisectJson([], body)).levels.at(-1)).toMatchObject({ verdict: 'bad', signature: 'exit 1: at level N: N' });
  });

  it('is that of standard error where both streams say something, whichever came last', async () => {
    const body = failsAs('echo broken >&2; sleep 0.02; if test $((PMKIT_LEVEL % 2)) = 1; then echo odd; else echo even; fi; exit 1');
    expect(await bisectJson([], body)).toMatchObject({ firstBad: { level: 3 }, monotone: true });
  });
});

describe('with the hotplug patches', () => {
  it('trees that do not build are skipped without running the program, and the answer is a range', async () => {
    const { code, out } = await bisectRun(['--hotplug'], 'console.log(tree); process.exit(level < 3 ? 0 : 1)');
    expect(code).toBe(2);
    expect(out.match(/^\d+(\+hotplug)?$/gm)).toEqual(['10', '0+hotplug', '2+hotplug', '1+hotplug']);
    expect(out).toContain(`  [3] ${P3}\n`);
    expect(out).toContain(`  [10] ${TOP}\n`);
    expect(out.match(/does not build/g)).toHaveLength(7);
  });

  it('what changes below them is found all the same', async () => {
    const result = await bisectJson(['--hotplug'], level => (level < 2 ? 0 : 1));
    expect(result).toMatchObject({ hotplug: true, firstBad: { level: 2, patch: P2 }, monotone: true });
  });

  it('a tree that does not build is no end', async () => {
    const { code, err } = await bisectRun(['--hotplug', '--bad', '5'], () => 1);
    expect([code, err]).toEqual([1, 'bisect run failed: level 5 was given as bad, and is one that does not build\n']);
  });
});

describe('misuse of bisect run', () => {
  it.each([
    ['bisect run', 2, "missing required argument 'cmd'"],
    ['bisect run ./no-such-program', 2, "cannot run './no-such-program': no such command"],
    ['bisect run .', 2, "cannot run '.': it is not executable"],
    ['bisect run --frob true', 2, "unknown option '--frob'"],
    ['bisect run --good 11 true', 2, 'Patch 11 is not in series'],
    ['bisect run --bad N1.0 true', 2, 'is a hotplug patch and makes no level; expected 0 to 10'],
    ['bisect run --good 5 --bad 5 true', 2, '--good 5: expected a level below the bad one, 5'],
    ['bisect run true', 1, 'level 10 was given as bad, and is good\nFor a change the other way round'],
    ['bisect run false', 1, 'level 0 was given as good, and is bad'],
    ['bisect', 2, 'Usage: pmkit bisect'],
  ])('%s', async (command, code, message) => {
    const answer = await session({ env: ENV })(command);
    expect(answer).toMatchObject({ code, err: expect.stringContaining(message) as string });
    expect(answer.err).not.toMatch(/\n {4}at /);
  });

  it('of a name that no program can have', async () => {
    expect(await session({ env: ENV })(['bisect', 'run', ''])).toMatchObject({ code: 2, err: expect.stringContaining("cannot run ''") as string });
  });
});

describe('a session', () => {
  const testing = (level: number, patch: string): RegExp => new RegExp(`^Bisecting: .*\n\\[${level}\\] ${patch.replaceAll('.', '\\.')}\n$`);

  it('moves the stack to the level to look at, and puts it back', async () => {
    const pmkit = session();
    await pmkit('push -q 2');
    expect((await pmkit('bisect start')).out).toBe('status: waiting for both good and bad levels\n');
    expect((await pmkit('bisect bad 10')).out).toBe('status: waiting for good level(s), bad level known\n');
    expect((await pmkit('bisect good 0')).out).toMatch(testing(5, P5));
    expect((await pmkit('top')).out).toBe(`${P5}\n`);
    expect((await pmkit('bisect bad')).out).toMatch(testing(2, P2));
    expect((await pmkit('bisect good')).out).toMatch(testing(4, P4));
    expect((await pmkit('bisect bad')).out).toMatch(testing(3, P3));
    expect((await pmkit('bisect good')).out).toContain(`${P4} is the first bad patch\n`);
    expect((await pmkit('top')).out).toBe(`${P4}\n`);
    expect(await pmkit('bisect reset')).toEqual({ code: 0, out: '', err: '' });
    expect((await pmkit('top')).out).toBe(`${P2}\n`);
    expect((await pmkit('bisect reset')).out).toBe('We are not bisecting.\n');
  });

  it('skips levels and ranges as git writes them, and ends in doubt when no other are left', async () => {
    const pmkit = session();
    await pmkit('bisect start 10 2');
    expect(await pmkit('bisect skip 4..8 p09')).toMatchObject({ code: 0, out: expect.stringMatching(testing(4, P4)) as string });
    expect((await pmkit('bisect bad')).out).toMatch(testing(3, P3));
    expect(await pmkit('bisect skip')).toMatchObject({ code: 2, out: expect.stringContaining(`  [3] ${P3}\n  [4] ${P4}\nWe cannot bisect more!`) as string });
    expect(await pmkit('bisect skip 8..4')).toMatchObject({ code: 2, err: expect.stringContaining('8..4: expected a lower level before the dots') as string });
  });

  it('for a change from bad to good has old and new, or own terms', async () => {
    const pmkit = session();
    await pmkit('bisect start');
    await pmkit('bisect new 10');
    expect((await pmkit('bisect terms')).out).toBe('Your current terms are old for the old state\nand new for the new state.\n');
    expect(await pmkit('bisect good 0')).toMatchObject({ code: 1, err: "Invalid command: you're currently in a new/old bisect\n" });
    await pmkit('bisect start --term-old=broken --term-new fixed 3 1');
    expect((await pmkit('bisect terms --term-good')).out).toBe('broken\n');
    expect((await pmkit('bisect broken')).out).toContain(`${P3} is the first fixed patch\n`);
  });

  it('is ended by another start, which begins where the first one did', async () => {
    const pmkit = session();
    await pmkit('push -q');
    await pmkit('bisect start 10 0');
    await pmkit('bisect start');
    expect((await pmkit('top')).out).toBe(`${P1}\n`);
  });

  it('is said again from its log, without the line that was a mistake', async () => {
    const pmkit = session();
    await pmkit('bisect start 10 0');
    await pmkit('bisect good 7');
    const { out } = await pmkit('bisect log');
    expect(out).toContain(`# good: [7] ${P7}\npmkit bisect good 7\n`);
    await pmkit('bisect reset');
    writeFileSync(path.join(pmkit.cwd, 'edited'), out.replace('pmkit bisect good 7\n', ''));
    expect((await pmkit('bisect replay edited')).out).toMatch(testing(5, P5));
    expect((await pmkit('bisect next')).out).toMatch(testing(5, P5));
    expect(await pmkit('bisect replay nowhere')).toMatchObject({ code: 2, err: expect.stringContaining('cannot read nowhere') as string });
  });

  it('run by a program goes on as git does, and what it finds is in the log', async () => {
    const pmkit = session({ env: ENV });
    await pmkit('bisect start --term-old=broken --term-new=fixed 9 1');
    const { code, out } = await bisectRun([], level => (level < 6 ? 0 : level), pmkit);
    expect([code, out]).toEqual([0, expect.stringContaining(`${P6} is the first fixed patch\n`)]);
    expect((await pmkit('bisect log')).out).toMatch(/pmkit bisect broken 5\n[^]*pmkit bisect fixed 6\n/);
    expect((await pmkit('top')).out).toBe(`${P6}\n`);
  });

  it('with the hotplug patches skips what does not build', async () => {
    const pmkit = session({ env: ENV });
    await pmkit('bisect start --hotplug 10 0');
    const { code, out } = await bisectRun([], 'console.log(tree); process.exit(level < 10 ? 0 : 1)', pmkit);
    expect(code).toBe(2);
    expect(out.match(/^\d+(\+hotplug)?$/gm)).toEqual(['2+hotplug']);
  });

  it('keeps what was said when the program ends it', async () => {
    const pmkit = session({ env: ENV });
    await pmkit('bisect start 10 0');
    expect((await bisectRun([], level => (level === 2 ? 255 : 1), pmkit)).code).toBe(255);
    expect((await pmkit('bisect log')).out).toMatch(/pmkit bisect bad 5\n$/);
    expect((await pmkit('top')).out).toBe(`${P2}\n`);
  });

  it('moves under a program that was moved to it by hand', async () => {
    const pmkit = session({ env: ENV });
    await pmkit('bisect start 10 0');
    await pmkit('goto -q 1');
    const body = "require('fs').appendFileSync('seen', require('fs').readFileSync('.pmkit/applied-patches', 'utf8').split('\\n').length - 2 + ' ' + level + '\\n'); process.exit(level < 4 ? 0 : 1)";
    await bisectRun([], body, pmkit);
    expect(readFileSync(path.join(pmkit.cwd, 'seen'), 'utf8')).toBe('5 5\n2 2\n4 4\n3 3\n');
  });
});

describe('misuse of a session', () => {
  it.each(['good', 'bad 3', 'skip', 'log', 'terms', 'next'])('bisect %s needs a start', async (words) => {
    expect(await session()(`bisect ${words}`)).toEqual({ code: 1, out: '', err: 'You need to start by "pmkit bisect start"\n' });
  });

  it.each([
    ['start 11', 2, 'Patch 11 is not in series'],
    ['start 1 3', 1, 'Level 3 is good and lies above level 1, which is bad'],
    ['start 4 4', 1, 'Level 4 was both good and bad'],
    ['start --term-new=reset --term-old=x', 1, "can't use the builtin command 'reset' as a term"],
    ['start --term-new=good', 1, "can't change the meaning of the term 'good'"],
    ['start --term-old=bad', 1, "can't change the meaning of the term 'bad'"],
    ['bad 3 4', 2, "'pmkit bisect bad' can take only one argument."],
    ['frob', 1, "Invalid command: you're currently in a bad/good bisect"],
    ['good 10', 1, 'was both good and bad'],
    ['reset zzz', 2, 'Patch zzz is not in series'],
    ['run --good 1 true', 2, 'a session is under way'],
    ['run --json true', 2, 'a session is under way'],
    ['run ./no-such-program', 2, 'no such command'],
  ])('bisect %s says so and changes nothing', async (words, code, message) => {
    const pmkit = session({ env: ENV });
    await pmkit('bisect start 10 0');
    const state = (): string[] => ['bisect-log', 'applied-patches'].map((file) => readFileSync(path.join(pmkit.cwd, '.pmkit', file), 'utf8'));
    const before = state();
    expect(await pmkit(`bisect ${words}`)).toMatchObject({ code, err: expect.stringContaining(message) as string });
    expect(state()).toEqual(before);
  });

  it('run needs a level of each kind', async () => {
    const pmkit = session({ env: ENV });
    await pmkit('bisect start');
    expect(await pmkit('bisect run true')).toMatchObject({ code: 1, err: expect.stringContaining('must be known first') as string });
  });

  it.each([
    ['rubbish', "bisect-log: line 1: found \"rubbish\", expected '# pmkit bisect 1'"],
    ['# pmkit bisect 1\n# origin: base\npmkit bisect start\npmkit bisect bad 1', 'expected a line that is ended'],
    ['# pmkit bisect 1\n# origin: nowhere\npmkit bisect start\n', 'bisect-log: origin: found "nowhere", expected base or a patch of the series'],
  ])('a damaged log ends every command with 2, names the line, and stays as it is', async (text, message) => {
    for (const words of ['good', 'log', 'reset', 'start', 'run true', 'next']) {
      const pmkit = session({ env: ENV });
      mkdirSync(path.join(pmkit.cwd, '.pmkit'));
      const file = path.join(pmkit.cwd, '.pmkit/bisect-log');
      writeFileSync(file, text);
      const answer = await pmkit(`bisect ${words}`);
      expect({ words, ...answer }).toMatchObject({ words, code: 2, out: '', err: expect.stringContaining(message) as string });
      expect(answer.err).toContain('Mend the file, or remove it to end the session.');
      expect(readFileSync(file, 'utf8')).toBe(text);
    }
  });

  it('a damaged stack keeps a word from being written down', async () => {
    const pmkit = session();
    await pmkit('bisect start 10 0');
    const log = (await pmkit('bisect log')).out;
    writeFileSync(path.join(pmkit.cwd, '.pmkit/applied-patches'), 'rubbish');
    expect((await pmkit('bisect good 5')).code).toBe(2);
    expect((await pmkit('bisect log')).out).toBe(log);
  });
});

describe('the level in the environment', () => {
  const at = (level: string) => session({ env: { PMKIT_LEVEL: level, PMKIT_TREE: level } });

  it('is the default of --at', async () => {
    expect((await at('4')('top')).out).toBe(`${P4}\n`);
    expect((await at('4')('top --at 2')).out).toBe(`${P2}\n`);
    expect((await at('')('top')).code).toBe(2);
  });

  it('keeps what is pushed from being kept', async () => {
    const pmkit = at('4');
    expect((await pmkit('push -q')).out).toContain(`Now at patch ${P5}\n`);
    expect(existsSync(path.join(pmkit.cwd, '.pmkit'))).toBe(false);
  });

  it.each([['top', 'PMKIT_LEVEL'], ['run -c true', 'PMKIT_TREE'], ['matrix mlock', 'PMKIT_TREE'], ['why x y', 'PMKIT_TREE']])('that is none is named by %s as what is wrong', async (command, name) => {
    expect(await at('zzz')(command)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(name) as string });
  });

  const built = existsSync(new URL('../dist/bin.js', import.meta.url));
  it.skipIf(!built)('lets a pmkit be the program that is run (skipped before a build)', async () => {
    const bin = fileURLToPath(new URL('../bin/pmkit.js', import.meta.url));
    const { code, out } = await session({ env: ENV })(['bisect', 'run', process.execPath, bin, 'next', 'add-sys']);
    expect(code).toBe(0);
    expect(out).toContain(`${P4} is the first bad patch\n`);
    expect(out).toMatch(/^\[4\] +bad {2}exit 2: Patch add-sys_migrate_pages-rcN\.patch is currently applied$/m);
  });
});
