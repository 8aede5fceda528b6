/** Lines as people type them, and as cats do: real commands with real and wrong words, in all the constructs of the shell, whole and broken. */
import fc, { type Arbitrary } from 'fast-check';
import { anyCharacter } from '../../../../../test/any-character.js';
import { programs } from '../../../src/console/index.js';
import { BUILT_IN, BUNDLED_PATHS } from '../../../src/console/bundled.js';
import { SHELL_BUILTINS } from '../../../src/console/shell/builtins/index.js';
import { commandOf } from '../../../src/console/program.js';

const COMMANDS = [...programs.map(commandOf), ...BUNDLED_PATHS.keys(), ...BUILT_IN, ...SHELL_BUILTINS, 'cd', 'set', 'export', 'unset', 'declare', 'local', 'read', 'shift', 'let', 'test', '[', 'return',
  'break', 'continue', 'exit', 'exec', 'eval', 'source', '.', 'type', 'command', 'builtin', 'getopts', 'mapfile', 'shopt', 'hash', 'wait'].sort();

const FILES = [
  '/', '.', '..', '~', '/tmp', '/tmp/f', '/tmp/g h', '/tmp/none/f', '/proc', '/proc/1/maps', '/proc/self/numa_maps', '/proc/$$/status', '/proc/$!/stat', '/proc/2/smaps', '/proc/99999/maps', '/proc/meminfo', '/proc/zoneinfo',
  '/proc/sys/vm/swappiness', '/proc/sys/vm/drop_caches', '/proc/sys/kernel/*', '/proc/*/cmdline', '/sys/devices/system/node/node0/meminfo', '/sys/devices/system/node/*/numastat', '/sys', '/dev/null', '/dev/zero',
  '/dev/full', '/dev/kmsg', '/dev/cpuset', '/dev/cpuset/a', '/dev/cpuset/a/tasks', '/dev/cpuset/a/mems', '/dev/cpuset/a/cpus', '/dev/shm', '/dev/shm/x', '/dev/sdb1', '/bin/bash', '/usr/bin/numactl', '/etc/passwd', '-', '',
];
const OPTIONS = ['-a', '-l', '-n', '-p', '-r', '-v', '-x', '-c', '-e', '-f', '-h', '-H', '-s', '-m', '-i', '-z', '-9', '-1', '-0', '--help', '--version', '--', '--all', '--show', '--membind=0', '-aux', '--live', '-ef', '+x', '-rf'];
const WORDS = [
  '0', '1', '2', '3', '9', '0-3', '1,2', 'all', '!0', '+0', '-1', '1m', '4p', '10g', '0x10', '99999999999999999999', '1e3', 'STOP', 'CONT', 'KILL', 'TERM', 'USR1', '%1', '%%', '$$', '$!', '$?', '$x', '"$@"', '$#', '$((1/0))', '$((RANDOM%3))',
  '${x:-y}', '${x?bad}', '${#x}', '${x[@]}', '${x/a/b}', '"$(pwd)"', '`id`', '$(', '{1..3}', '{a,b}', '*', '?', '[a', "'a b'", '"a b"', '\\', '"', "'", '#', 'a=b', 'true', 'sleep', '1', 'memhog', '1m', 'anon:4p', 'push', 'pop', 'bash', 'sh', 'EXIT',
  'migrate_pages', 'getpid', 'root', 'user1000', 'x', 'y', '/x/', 's/a/b/', 'p', 'é€😀', '%s\\n', '%d', '-o', 'errexit', '__proto__', 'constructor',
];
const garbage = fc.oneof(fc.string({ unit: anyCharacter, maxLength: 8 }), fc.string({ unit: fc.constantFrom(...Array.from('$`"\'\\(){}[]<>|&;!*?~#=%@^- \t\u0000\u0001\u0003\u0004\u001b\u007f\u0085\u2028\ufeff01ax\n')), maxLength: 12 }));
const word = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...WORDS) }, { weight: 4, arbitrary: fc.constantFrom(...FILES) }, { weight: 3, arbitrary: fc.constantFrom(...OPTIONS) }, { weight: 1, arbitrary: garbage });

/** Commands that make something of the machine, so that the others find something there. */
const SCENES = [
  'workload anon:8p -n forever & sleep 0.01', 'memhog 1m', 'memhog -r 3 1m > /dev/null &', 'migratepages $! 0 1', 'migratepages $$ 0 1-3', 'numactl --membind=1 memhog 1m', 'numactl -i all workload anon:4p -n 2', 'numactl -H', 'numastat -p $!',
  'quilt push --live', 'quilt pop --live', 'quilt pop', 'quilt push -a', 'mkdir /dev/cpuset/a; echo 0-1 > /dev/cpuset/a/mems; echo 0-1 > /dev/cpuset/a/cpus', 'echo $$ > /dev/cpuset/a/tasks', 'rmdir /dev/cpuset/a', 'sleep 1 &',
  'kill -STOP $!', 'kill -CONT $!', 'kill $!', 'kill -9 $$', 'while true; do sleep 1; done', 'while read x; do echo $x; done < /proc/meminfo', 'trap "echo trapped" USR1 EXIT; kill -USR1 $$', 'sysctl -a', 'ps aux', 'swapoff -a', 'strace -f -c sh -c id',
  'trace -g getpid', 'su user1000 -c id', 'dd if=/dev/zero of=/tmp/f bs=16k count=4', 'cat /proc/*/numa_maps | sort | uniq -c', 'f() { echo $1; f2() { :; }; }; f a', 'set -e; false', 'set -u; echo $nope', 'exec 2>&1', 'jobs -l; wait', 'ipcs',
  'syscall migrate_pages $! 1 0 1', 'timeout 1 sleep 9', 'time sleep 2', 'man numactl | head -3', 'cat <<E', 'E', 'x=(1 2 3); echo ${x[1]}', 'mount -t tmpfs none /mnt; touch /mnt/x; umount /mnt', 'echo 3 > /proc/sys/vm/drop_caches',
];
export const { line } = fc.letrec<{ command: string; line: string }>(tie => {
  const command = tie('command');
  const simple = fc.tuple(fc.constantFrom(...COMMANDS), fc.array(word, { maxLength: 4 })).map(([name, words]) => [name, ...words].join(' '));
  const redirected = fc.tuple(command, fc.constantFrom('>', '>>', '<', '2>', '&>', '2>&1', '>|', '<<<', '3>', '<>', '>&-'), fc.constantFrom(...FILES)).map(([text, operator, file]) => `${text} ${operator}${operator.includes('&1') || operator.includes('-') ? '' : ` ${file}`}`);
  const joined = fc.tuple(command, fc.constantFrom(' | ', ' && ', ' || ', '; ', ' & ', ' |& ', '\n'), command).map(([a, by, b]) => `${a}${by}${b}`);
  const wrapped = fc.tuple(fc.constantFrom<(text: string) => string>(
    text => `( ${text} )`, text => `{ ${text}; }`, text => `${text} &`, text => `x=$(${text})`, text => `echo "\`${text}\`"`, text => `for i in 1 2 $x; do ${text}; done`, text => `if ${text}; then echo y; else echo n; fi`,
    text => `case "$(${text})" in a*) :;; *) id;; esac`, text => `f() { ${text}; }; f 1 2`, text => `eval '${text.replaceAll("'", '')}'`, text => `bash -c '${text.replaceAll("'", '')}' a b`, text => `! ${text}`, text => `time ${text}`,
    text => `cat <(${text})`, text => `timeout 1 ${text}`, text => `nice ${text}`, text => `exec ${text}`, text => `while ${text}; do break; done`, text => `until ! ${text}; do sleep 1; done`, text => `[[ -n $(${text}) ]]`,
    text => `cat <<E\n${text}\nE`, text => `trap '${text.replaceAll("'", '')}' EXIT`, text => `${text} | while read a b; do echo "$b"; done`, text => `echo "${text}" > /tmp/s; . /tmp/s`, text => `strace -f ${text}`, text => `${text} | head -1`,
  ), command).map(([wrap, text]) => wrap(text));
  return {
    command: fc.oneof({ depthSize: 'small', withCrossShrink: true }, { weight: 6, arbitrary: simple }, { weight: 2, arbitrary: fc.constantFrom(...SCENES) }, { weight: 2, arbitrary: redirected }, { weight: 2, arbitrary: joined }, { weight: 3, arbitrary: wrapped }),
    line: fc.oneof({ weight: 8, arbitrary: command }, { weight: 3, arbitrary: fc.constantFrom(...SCENES) }, { weight: 2, arbitrary: broken(command) }, { weight: 1, arbitrary: garbage }, { weight: 1, arbitrary: long(command) }),
  };
});

/** A line in which something was left out or put in. */
function broken(of: Arbitrary<string>): Arbitrary<string> {
  return fc.tuple(of, fc.nat(200), fc.nat(3), garbage).map(([text, at, cut, put]) => {
    const place = Math.min(at, text.length);
    return text.slice(0, place) + put + text.slice(place + cut);
  });
}

/** Lines too long or too deep for a person. */
function long(of: Arbitrary<string>): Arbitrary<string> {
  return fc.tuple(fc.constantFrom<(text: string, many: number) => string>(
    (text, many) => `${text}; `.repeat(many / 50), (text, many) => `${text} ${'x '.repeat(many)}`, (_text, many) => 'x'.repeat(many * 10), (text, many) => '('.repeat(many) + text, (text, many) => `echo ${'$('.repeat(many / 20)}${text}${')'.repeat(many / 20)}`,
    (_text, many) => `echo ${'{1,2}'.repeat(Math.min(many / 50, 12))}`, (_text, many) => `${'if true; then '.repeat(many / 20)}id${'; fi'.repeat(many / 20)}`, (_text, many) => `echo ${'"'.repeat(many + 1)}`, (_text, many) => `true ${'| cat '.repeat(many / 100)}`,
    (_text, many) => `echo $((${'('.repeat(many)}1${')'.repeat(many)}))`,
  ), of, fc.integer({ min: 100, max: 2000 })).map(([make, text, many]) => make(text, many));
}
