/** Whatever is written to the files of the kernel by whoever: it is taken or refused, and what they show can still be read. */
import fc from 'fast-check';
import { it } from 'vitest';
import { anyCharacter } from '../../../../../test/any-character.js';
import { programs, type Box } from '../../../src/console/index.js';
import { endBox, newBox } from '../helpers.js';
import { expectNoHarm, sit } from './play.js';
import { levels, runs } from './runs.js';

/** Every file and directory below one; of processes, those of init. */
function* below(box: Box, directory: string): Generator<string> {
  for (const { name, type } of box.files.listTypes(box.login, directory)) {
    const path = `${directory}/${name}`;
    if (/^\/proc\/\d+$/.test(path) && path !== '/proc/1') continue;
    yield path;
    if (type === 'directory') yield* below(box, path);
  }
}
const box = newBox({ programs });
const FILES = ['/proc', '/sys', '/dev/cpuset'].flatMap(root => [...below(box, root)]).sort();
const CPUSETS = ['a', 'b', 'a/c', 'a/c/d'].map(name => `/dev/cpuset/${name}`);
const CPUSET_FILES = ['cpus', 'mems', 'tasks', 'cpu_exclusive', 'mem_exclusive', 'notify_on_release'];

/** Processes: the shell, its last job, init, a kernel thread, nobody. */
const PIDS = ['$$', '$!', '1', '2', '0', '99999', '-1'];
const value = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('0', '1', '2', '3', '0-3', '0-1', '1,3', '0-7', '7', '2-1', '100', '-17', '15', '16', '', ' 1', '1 ', '+1', '0x1', '1.5', 'all', '4294967296', '-9223372036854775808', '99999999999999999999', '0,0,0', '0-99999', ',', '-', '1 2 3', '256 256 32 ') },
  { weight: 2, arbitrary: fc.constantFrom(...PIDS) },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...Array.from('0123456789-+, x\t\n')), maxLength: 20 }) },
  { weight: 1, arbitrary: fc.string({ unit: anyCharacter, maxLength: 6 }).map(text => text.replaceAll(/["$`\\]/g, '')) },
  { weight: 1, arbitrary: fc.constantFrom('9'.repeat(5000), '0,'.repeat(3000), 'x'.repeat(70_000)) },
);
const process = fc.tuple(fc.constantFrom('$$', '$!', '1', '2', 'self', '99999'), fc.constantFrom('oom_adj', 'oom_score', 'mem', 'maps', 'numa_maps', 'smaps', 'cpuset', 'status', 'stat', 'statm', 'cmdline', 'environ', 'fd', 'root', 'auxv', 'limits'))
  .map(([pid, name]) => `/proc/${pid}/${name}`);
const cpusetFile = fc.tuple(fc.constantFrom('/dev/cpuset', ...CPUSETS), fc.constantFrom(...CPUSET_FILES)).map(parts => parts.join('/'));
const file = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...FILES) }, { weight: 4, arbitrary: cpusetFile }, { weight: 2, arbitrary: process });
const line = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom('echo', 'echo -n', 'printf %s'), value, fc.constantFrom('>', '>>', '>|'), file).map(([print, text, operator, path]) => `${print} "${text}" ${operator} ${path}`) },
  { weight: 2, arbitrary: file.map(path => `cat ${path} | tail -3`) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom('mkdir', 'mkdir -p', 'rmdir', 'rm -r', 'ls -l', 'chmod 777', 'touch', 'find', 'stat', 'umount'), fc.oneof(fc.constantFrom(...CPUSETS), file)).map(words => words.join(' ')) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('mv', 'ln', 'ln -s', 'cp', 'cp -r'), file, fc.oneof(fc.constantFrom(...CPUSETS), file)).map(words => words.join(' ')) },
  { weight: 2, arbitrary: fc.constantFrom('migratepages $! 0 1', 'numactl -H > /dev/null', 'quilt push --live', 'quilt pop --live', 'memhog 1m > /dev/null', 'kill -STOP $!', 'kill -CONT $!', 'sleep 0.01', 'swapoff -a', 'workload anon:8p -n forever > /dev/null &') },
);

it('a person writes anything to the files of the kernel', { timeout: 24 * 60 * 60 * 1000 }, async () => {
  await fc.assert(fc.asyncProperty(levels(), fc.constantFrom(0, 0, 1000), fc.array(line, { minLength: 1, maxLength: 25 }), async (level, uid, lines) => {
    const { box: used } = await sit({ level, uid, lines: ['workload anon:8p -n forever > /dev/null &', ...lines, 'cat /proc/1/numa_maps /proc/self/status /proc/meminfo /dev/cpuset/*/* > /dev/null'] });
    expectNoHarm(used);
    await endBox(used);
  }), { numRuns: runs(10) });
});
