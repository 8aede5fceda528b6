import { describe, expect, it } from 'vitest';
import { commands, run, version } from '../src/index.js';
import { quickServices, session } from './helpers.js';

describe('help', () => {
  it('lists every command with a sentence, and has examples', async () => {
    const { code, out, err } = await session()('--help');
    expect(code).toBe(0);
    expect(err).toBe('');
    for (const { name, summary } of commands) {
      expect(out).toContain(`  ${name}`);
      expect(out).toContain(summary.split(' ')[0]);
    }
    expect(out).toContain('$ pmkit push -a');
    expect(out.split('\n').every((line) => line.length <= 80)).toBe(true);
  });

  it.each(commands.map(({ name }) => name))('of %s is the same both ways', async (name) => {
    const one = await session()(`help ${name}`);
    expect(one).toEqual(await session()(`${name} --help`));
    expect(one.code).toBe(0);
    expect(one.out).toContain(`Usage: pmkit ${name}`);
  });

  it.each(['series', 'applied', 'unapplied', 'top', 'next', 'previous', 'push', 'pop', 'goto'])('of %s tells of --at', async (name) => {
    expect((await session()(`help ${name}`)).out).toContain('--at <level>');
  });

  it('comes when nothing is asked, as misuse', async () => {
    const { code, out, err } = await session()('');
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('Usage: pmkit');
  });
});

describe('misuse', () => {
  it.each([
    ['frob', "unknown command 'frob'"],
    ['pusj', '(Did you mean push?)'],
    ['--frob', "unknown option '--frob'"],
    ['push -z', "unknown option '-z'"],
    ['push 1 2', 'too many arguments'],
    ['push -a 2', "option '-a' goes without"],
    ['pop -a 2', "option '-a' goes without"],
    ['top x', 'too many arguments'],
    ['top --at', "option '--at <level>' argument missing"],
    ['goto', "missing required argument 'level'"],
  ])('%s ends with 2, a sentence, and where help is', async (command, sentence) => {
    const { code, out, err } = await session()(command);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(sentence);
    expect(err).toContain('--help');
    expect(err).not.toMatch(/\n {4}at /);
  });
});

describe('the program', () => {
  it('prints its version, as commander or at once', async () => {
    for (const word of ['--version', '-V']) expect(await session()(word)).toEqual({ code: 0, out: `${version()}\n`, err: '' });
  });

  it('loads no command but the one that is called', async () => {
    let loaded = '';
    const entries = commands.map((entry) => ({
      ...entry,
      load: () => {
        loaded += entry.name;
        return entry.load();
      },
    }));
    const io = { stdout: () => undefined, stderr: () => undefined, cwd: '/', env: {}, isTTY: false, stderrIsTTY: false };
    await run(['--help'], io, { services: quickServices, commands: entries });
    expect(loaded).toBe('');
    await run(['--debug', 'top', '--at', '2'], io, { services: quickServices, commands: entries });
    expect(loaded).toBe('top');
  });

  it('lets words after -- alone', async () => {
    expect((await session()(['push', '--', '--debug'])).err).toContain('Patch --debug is not in series');
  });
});
