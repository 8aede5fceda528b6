/** Ctrl-C at the terminal while something runs: it ends, and the shell is as it was. */
import { setImmediate as round } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { programs, Session } from '../../../src/console/index.js';
import { expectSound, newBox } from '../helpers.js';

/** Types lines; whenever no line is asked for while the host's event loop goes round a few times, types ^C, unless `patient`. What is seen, without prompts. */
async function type(lines: readonly string[], { patient = false } = {}): Promise<string> {
  const box = newBox({ programs });
  let screen = '';
  let asked = 0;
  const ended = new AbortController();
  const write = (text: string): void => void (screen += text);
  const session = new Session(box, { out: write, err: write });
  const end = session.interact({ readLine: () => Promise.resolve(lines[asked++] ?? null) }, () => '').finally(() => { ended.abort(); });
  for (let idle = 0, at = 0; !ended.signal.aborted && !patient; idle++) {
    await new Promise(resolve => { setTimeout(resolve, 5); });
    if (asked !== at) [at, idle] = [asked, 0];
    if (idle > 8) session.interrupt();
  }
  await end;
  await round();
  box.powerOff();
  expectSound(box);
  return screen;
}

describe('Ctrl-C', () => {
  // what is loaded when it is first used makes a line wait
  beforeAll(async () => { expect(await type(['echo $?'], { patient: true })).toBe('0\n'); });
  it.each([
    'memhog -r1000000 1m > /dev/null', 'while true; do sleep 1; done', 'while :; do :; done', 'until false; do true; done', 'for ((;;)); do :; done', 'while ((1)); do continue; done', 'for i in {1..99999}; do for j in {1..99999}; do :; done; done',
    'workload anon:2p -n forever', '( while :; do :; done )', 'while :; do :; done | cat', 'x=$(while :; do :; done)', 'eval "while :; do :; done"', 'f() { while :; do :; done; }; f', 'bash -c "while :; do :; done"', 'strace -o /tmp/t memhog -r1000000 1m > /dev/null',
    'timeout 1000000 memhog -r1000000 1m > /dev/null',
  ])('ends %s; variables and functions are what they were, and $? says so', async line => {
    expect(await type(['x=5; g() { echo "g$x"; }', line, 'echo $?', 'g'])).toMatch(/^130\ng5\n$/);
  });
  it('leaves jobs alone', async () => {
    expect(await type(['sleep 2000 &', 'while :; do :; done', 'jobs', 'wait', 'echo $?'])).toMatch(/^\[1\] \d+\n\[1\]\+ {2}Running {17}sleep 2000 &\n0\n$/);
  });
});

describe('a loop that only computes', () => {
  it('takes time, so that what it looks at changes', async () => {
    expect(await type(['sleep 0.05 > /dev/null & while kill -0 $! 2> /dev/null; do :; done; echo over'], { patient: true })).toMatch(/over\n/);
  });
  it('in the background lets others run, and can be stopped and killed', async () => {
    expect(await type(['while :; do :; done &', 'sleep 0.2; kill -STOP $!; sleep 0.2; jobs; kill -9 $!; wait $!; echo $?'], { patient: true })).toMatch(/^\[1\] 8\n\[1\]\+ {2}Stopped {17}while :; do\s+:;?\s+done\n137\n/);
  });
  it('keeps $? from round to round, and errexit does not mind it', async () => {
    expect(await type(['false; for i in 1 2; do echo $?; (exit 3); done; echo $?', 'n=0; until [ $n = 2 ]; do ((n += 1)); done; echo $n $?', 'set -e; for i in 1 2; do [ $i = 3 ] && :; done || :; set +e; echo still'], { patient: true })).toBe('1\n3\n3\n2 0\nstill\n');
  });
});
