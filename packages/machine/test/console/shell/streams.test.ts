/** Descriptors, pipes and subshells: everything is written and read when it is, by whoever does it. */
import { describe, expect, it } from 'vitest';
import { programs } from '../../../src/console/index.js';
import { hasBash, sameAsOnHost } from '../coreutils/oracle.js';
import { expectSound, newBox, program } from '../helpers.js';
import { bash, TEST_PROGRAMS } from './helpers.js';

/** `rows N` prints so many lines of 100 bytes, a millisecond each, and tells on standard error when a signal or the end of its readers does not end it. */
const ROWS = program('rows', async p => {
  for (let row = 0; row < Number(p.argv[1]); row++) {
    p.out(`${'x'.repeat(99)}\n`);
    await p.pause(1);
  }
  p.err('all rows\n');
  return 0;
});

async function prints(script: string, stdout: string, stderr = ''): Promise<void> {
  const { box, ...seen } = await bash(script, { box: newBox({ programs: [...programs, ...TEST_PROGRAMS, ROWS] }) });
  expect({ stdout: seen.stdout, stderr: seen.stderr }).toEqual({ stdout, stderr });
  expectSound(box);
}

describe('what a job has printed', () => {
  it('is in the file when one looks', () => prints('memhog -r100 1m > /tmp/log & nap 100; [ -s /tmp/log ] && echo something; kill $!; wait 2> /dev/null', 'something\n'));
  it('is there from a loop too, and from what goes on as another program', () =>
    prints('( while :; do echo tick; sleep 1; done ) > /tmp/log & sleep 2.5; cat /tmp/log; kill $!; (say one; runs nap 5000) > /tmp/o & sleep 1; cat /tmp/o; kill $!', 'tick\ntick\ntick\none\n'));
});

describe('a pipe', () => {
  it('has room for sixteen pages: a writer waits for its reader', () =>
    prints('rows 5000 2> /tmp/e | { sleep 20; [ -s /tmp/e ] || echo waiting; cat | wc -c; }; cat /tmp/e', 'waiting\n500000\nall rows\n'));
  it('whose reader is gone ends its writer', () => prints('rows 100000 | head -1 | wc -c; echo ${PIPESTATUS[@]}', '100\n141 0 0\n'));
  it('gives what was written before the writer ends', () => prints('( say a; sleep 5; say b ) | while read x; do echo "$x $SECONDS"; done', 'a 0\nb 5\n'));
  it('hands on what comes at once, from program to program', () => prints('( say a; sleep 5; say b ) | cat | while read x; do echo "$x $SECONDS"; done; while :; do echo tick; sleep 1; done > /tmp/log & tail -f /tmp/log | head -2 | cat; kill $!', 'a 0\nb 5\ntick\ntick\n'));
  it('ends what would go on for ever', () => prints('yes | head -2; seq inf | head -1; cat /dev/zero | head -c 3 | wc -c', 'y\ny\n1\n3\n'));
  it('ends when the last writer has closed it', () => prints('{ say a; ( sleep 1; say b ) & } | cat; echo $SECONDS', 'a\nb\n1\n'));
  it('is between processes of their own', () => prints('x=1; say a | { read x; echo $x $([ $BASHPID = $$ ] && echo same); }; echo $x', 'a\n1\n'));
});

describe('a substitution', () => {
  it('is a process: what it changes is its own', () => prints('x=1; y=$(x=2; cd /; exec say $BASHPID); echo $x $y; pwd; z=$(exit 3); echo $?', '1 8\n/root\n3\n'));
  it('that was killed has the status of that', () => prints('x=$(kill -9 $BASHPID; echo no); echo $? "[$x]"', '137 []\n', 'Killed\n'));
  it('of a process reads and writes as it goes', () => prints('while read x; do echo "$x $SECONDS"; done < <(say a; sleep 3; say b); say c > >(upper)', 'a 0\nb 3\nC\n'));
});

const SCRIPTS = [
  'printf "1\\n2\\n3\\n" > f; { read a; cat; } < f; echo $a', 'printf "1\\n2\\n" > f; while read x; do echo "<$x>"; true; done < f', 'printf "a\\nb\\nc\\n" | { read x; read y; cat; echo $x$y; }',
  'exec 3> f; echo a >&3; (echo b >&3); echo c >> f; echo d >&3; exec 3>&-; cat f', '{ echo a; echo b >&2; echo c; } > f 2>&1; cat f', 'exec 4< <(printf "1\\n2\\n"); read -u 4 x; read -u 4 y; echo $y$x',
  'f() { echo out; echo err >&2; }; { f 2>&1 1>&3 | sed s/^/e:/; } 3>&1', 'for i in 1 2 3; do { [ $i = 2 ] && break; echo $i; } > f$i; done; echo seen; cat f1 f2', 'f() { { return 4; } > f; }; f; echo $?',
  'false | true | (exit 3); echo ${PIPESTATUS[@]}; set -o pipefail; false | true; echo $?', '! echo a | grep -q b; echo $?', 'ls nope |& sed s/^/e:/', '{ echo a; exit 3; } | cat; echo ${PIPESTATUS[0]}', 'false; echo $? > f; cat f; false; (echo $?); false; echo $(echo $?)',
  'exec {fd}> f; echo x >&$fd; exec {fd}>&-; cat f', 'echo a > f; cat < f > g; cat g; echo b 1<> f; cat f', 'IFS=: read -r a b c <<< "x:y:z:w"; echo "$a-$b-$c"', 'read -a w <<< "p q r"; echo ${w[1]} ${#w[@]}', 'read -n 2 x <<< abc; echo $x; read -d : y <<< a:b; echo $y',
  'printf "a\\\\\\nb\\n" | { read x; echo "$x"; }; printf "a\\\\ b c\\n" | { read x y; echo "$x|$y"; }', 'mapfile -t m < <(printf "1\\n2\\n"); echo ${m[1]} ${#m[@]}', 'x=$(cat <<E\nin $((1+1))\nE\n); echo "$x"', 'echo a | tee f | cat; cat f', 'cat <(echo 1) <(echo 2)', 'echo x >&5; echo $?',
  'sleep 31 | sleep 32 & j=$(jobs -p); sleep 0.1; kill %1; wait $!; echo $?; kill -0 $j 2> /dev/null; echo $?', 'sleep 31 | sleep 32 & jobs -p > f; sleep 0.1; ps -o args= -p $(cat f) -p $!; kill %1; wait', '(exit 3) | (exit 4) & wait $!; echo $?; sleep 0 | false & wait %1; echo $?; ! true | false & wait $!; echo $?',
  'f() { local x=5; echo $x | cat & wait; }; f; ls nope |& sed s/^/e:/ & wait; yes | head -2 & wait %1; echo $?', 'sleep 31 | sleep 32 & sleep 0.1; kill -STOP %1; sleep 0.1; grep -h State /proc/$!/status /proc/$(jobs -p)/status; kill -CONT %1; kill %1; wait $!; echo $?',
];
describe.skipIf(!hasBash)('as the bash of the host', () => {
  sameAsOnHost([['descriptors, pipes and jobs', SCRIPTS]]);
});
