import { describe, expect, it } from 'vitest';
import { Session } from '../../../src/console/index.js';
import { newBox } from '../helpers.js';
import { TEST_PROGRAMS } from './helpers.js';

/** Types lines into a shell; what is seen on the terminal, prompts included. */
async function type(...lines: (string | undefined)[]): Promise<{ readonly screen: string; readonly exitCode: number }> {
  let screen = '';
  const write = (text: string): void => void (screen += text);
  const box = newBox({ programs: TEST_PROGRAMS });
  const readLine = (prompt: string): Promise<string | null | undefined> => {
    const line = lines.length === 0 ? null : lines.shift();
    screen += `${prompt}${line ?? (line === null ? '^D' : '^C')}\n`;
    return Promise.resolve(line);
  };
  const exitCode = await new Session(box, { out: write, err: write }).interact({ readLine }, () => '# ');
  return { screen, exitCode };
}

describe('an interactive shell', () => {
  it('shows what each line prints before it asks for the next, and keeps variables, functions and $?', async () => {
    const { screen, exitCode } = await type('x=5; f() { say f$x; }', 'f; status 3', 'echo $?', 'cd /tmp', 'pwd');
    expect(screen).toBe('# x=5; f() { say f$x; }\n# f; status 3\nf5\n# echo $?\n3\n# cd /tmp\n# pwd\n/tmp\n# ^D\n');
    expect(exitCode).toBe(0);
  });
  it('reads on until a command is whole', async () => {
    const { screen } = await type('for i in 1 2', 'do say $i', 'done', 'cat <<E', 'a b', 'E', 'say a &&', 'say b', 'say "x', 'y"');
    expect(screen).toBe('# for i in 1 2\n> do say $i\n> done\n1\n2\n# cat <<E\n> a b\n> E\na b\n# say a &&\n> say b\na\nb\n# say "x\n> y"\nx\ny\n# ^D\n');
  });
  it('complains of a syntax error and goes on; a line given up with ^C is forgotten', async () => {
    const { screen } = await type('fi', 'say "half', undefined, 'say whole');
    expect(screen).toBe("# fi\nbash: line 1: syntax error near unexpected token `fi'\n# say \"half\n> ^C\n# say whole\nwhole\n# ^D\n");
  });
  it('tells of jobs that begin and end', async () => {
    const { screen } = await type('nap 10 &', 'nap 50', 'jobs', 'status 3 &', 'nap 5', 'exit 7');
    expect(screen).toBe('# nap 10 &\n[1] 8\n# nap 50\n[1]+  Done                    nap 10\n# jobs\n# status 3 &\n[1] 10\n# nap 5\n[1]+  Exit 3                  status 3\n# exit 7\n');
  });
  it('begins anew when the shell itself was killed', async () => {
    const { screen, exitCode } = await type('x=1; sig 9 $$', 'echo "x is $x"', 'exit 2');
    expect(screen).toBe('# x=1; sig 9 $$\npmkit: the shell was killed; a new one begins\n# echo "x is $x"\nx is \n# exit 2\n');
    expect(exitCode).toBe(2);
  });
});
