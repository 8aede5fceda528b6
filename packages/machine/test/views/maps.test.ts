import { describe, expect, it } from 'vitest';
import { elfProgram } from '@pmkit/mm-core/model/elf';
import { linesOf, read, scene } from './helpers.js';

/** fscanf() of those who read maps: range, permissions, offset, device, inode. */
const LINE = /^([0-9a-f]{8,16})-([0-9a-f]{8,16}) ([r-][w-][x-][sp]) ([0-9a-f]{8,16}) ([0-9a-f]{2,}):([0-9a-f]{2,}) (\d+) ( *\S.*)?$/;

describe('maps', () => {
  it('lists the vmas upwards and the gate area behind them', () => {
    const { lab, k, job } = scene();
    lab.anonymous(job, 2, 'none');
    lab.file('/data/x', 4);
    lab.mapFile(job, '/data/x', 4, 1, 2, 'none');
    expect(linesOf(read(k, job, 'maps'))).toEqual([
      '2000000000000000-2000000000008000 rw-p 2000000000000000 00:00 0 ',
      '2000000000008000-2000000000018000 r--p 00000000 08:10 12                 /data/x',
      'a000000000000000-a000000000020000 ---p 00000000 00:00 0                  [vdso]',
    ]);
  });

  it('puts names into column 73, as readers of fixed columns expect on 64 bits', () => {
    const { lab, k, job } = scene();
    lab.file('/data/x', 4);
    lab.mapFile(job, '/data/x', 4, 1, 2, 'none');
    for (const line of linesOf(read(k, job, 'maps'))) {
      expect(line).toMatch(LINE);
      expect(line.search(/[/[]/)).toBe(73);
    }
  });

  it('names heap and stack of a program, and shared memory that has no file', () => {
    const { lab, k } = scene();
    const root = k.m.super_blocks.find(sb => sb.s_root === '/')!;
    k.new_inode(root, '/bin/prog', 4 * k.m.PAGE_SIZE, 0o755).program = elfProgram({ text: 3, data: 1, bss: 2 });
    const task = lab.job({ program: '/bin/prog' });
    lab.must(task, 'brk', task.mm!.start_brk + 4 * k.m.PAGE_SIZE);
    lab.must(task, 'shmat', lab.must(task, 'shmget', 5, k.m.PAGE_SIZE, 0o1600), 0, 0);
    const names = linesOf(read(k, task, 'maps')).map(line => LINE.exec(line)![8]?.trim() ?? '');
    expect(names.filter(name => name === '[heap]')).toHaveLength(1);
    expect(names.filter(name => name === '[stack]')).toHaveLength(1);
    expect(names).toContain('/SYSV00000005 (deleted)');
    expect(names.filter(name => name === '/bin/prog')).toHaveLength(2);
    expect(names.at(-1)).toBe('[vdso]');
  });

  it('says of a file that it has lost its name', () => {
    const { lab, k, job } = scene();
    lab.file('/data/x', 1);
    lab.mapFile(job, '/data/x', 1, 1, 2, 'none');
    lab.must(job, 'unlink', '/data/x');
    expect(read(k, job, 'maps')).toMatch(/ {2}\/data\/x \(deleted\)\n/);
  });

  it('is empty for a kernel thread and for a process that has exited', () => {
    const { lab, k, job } = scene();
    const kswapd = [...k.m.tasks.values()].find(task => task.comm.startsWith('kswapd'))!;
    lab.call(lab.batchd, 'kill', job.pid, 9);
    for (const file of ['maps', 'numa_maps', 'smaps'] as const) {
      expect(read(k, kswapd, file)).toBe('');
      expect(read(k, job, file)).toBe('');
    }
    expect(read(k, job, 'statm')).toBe('0 0 0 0 0 0 0\n');
  });
});
