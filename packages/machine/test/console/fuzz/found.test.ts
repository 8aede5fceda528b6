/** What random lines have found, one by one. */
import { expect, it } from 'vitest';
import { expectNoHarm, sit } from './play.js';

const typed = async (...lines: string[]): Promise<string> => {
  const { box, screen } = await sit({ level: 10, uid: 0, lines });
  expectNoHarm(box);
  return screen;
};

it('a command that was interrupted, or cannot read what it is given, is no error of the kit', async () => {
  expect(await typed('while true; do sleep 9; done | find /tmp', 'echo $?')).toMatch(/130\n$/);
  expect(await typed('fold /tmp; echo $?', 'tac < /tmp; echo $?')).toMatch(/^fold: \/tmp: Is a directory\n1\n/);
});
it('a link of /proc that leads nowhere can be looked at', async () => {
  expect(await typed('stat -c %N /proc/1/cwd; echo $?')).toBe("stat: cannot read symbolic link '/proc/1/cwd': No such file or directory\n'/proc/1/cwd'\n1\n");
});
it.each([
  'f() { f; }; f', 'set -u; echo $nope', 'echo ${nope?bad}', 'echo $((1/0))', 'echo {a..Z}', 'readonly r=1; r=2', 'echo ${#x:1:3}', 'shopt -s failglob; echo *nope*', 'return', 'break 3', 'continue', 'set -o posix; shift 99', 'local x', 'eval "("',
])('a shell that somebody types at goes on after %s', async line => {
  expect(await typed(line, 'set +u', 'echo still')).toMatch(/still\n$/);
});
it('a shell that somebody types at ends after exit, exec, and what errexit minds', async () => {
  for (const line of ['exit 3', 'exec true', 'set -e; false', 'set -e; echo $((1/0))', 'f() { exit; }; f']) expect(await typed(line, 'echo still')).not.toContain('still');
});
it('brace expansions can be typed', async () => {
  expect(await typed('echo {a,"b c"}{1..3}')).toBe('a1 a2 a3 b c1 b c2 b c3\n');
});
it('an interactive shell runs its EXIT trap at the end of input, and ends with the last status', async () => {
  expect(await typed('trap "echo bye" EXIT', 'echo hi')).toBe('hi\nbye\n');
});
