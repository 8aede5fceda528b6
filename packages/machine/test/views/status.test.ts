import { describe, expect, it } from 'vitest';
import { advanceTime, newPath, runWoken, stepPath } from '@pmkit/mm-core';
import { linesOf, mask, MAXNODE, fields, kiloBytes, read, scene, swapOut } from './helpers.js';

describe('status', () => {
  it('has the fields of 2.6.12 in its order, and behind each mask of 2.6.12 the list of 2.6.26', () => {
    const { k, job } = scene();
    expect(linesOf(read(k, job, 'status')).map(line => line.slice(0, line.indexOf(':')))).toEqual([
      'Name', 'State', 'SleepAVG', 'Tgid', 'Pid', 'PPid', 'TracerPid', 'Uid', 'Gid', 'FDSize', 'Groups', 'VmSize', 'VmLck', 'VmRSS', 'VmData', 'VmStk', 'VmExe', 'VmLib',
      'VmPTE', 'Threads', 'SigQ', 'SigPnd', 'ShdPnd', 'SigBlk', 'SigIgn', 'SigCgt', 'CapInh', 'CapPrm', 'CapEff', 'Cpus_allowed', 'Cpus_allowed_list', 'Mems_allowed',
      'Mems_allowed_list',
    ]);
  });

  it('shows masks from which libnuma takes the number of nodes and the nodes allowed', () => {
    const { lab, k, job } = scene();
    k.cpuset_mkdir('/few');
    k.cpuset_write('/few', 'cpus', '2,5');
    k.cpuset_write('/few', 'mems', '1-2');
    k.cpuset_write('/few', 'tasks', String(job.pid));
    // the copy of the cpuset's nodes is made anew when the task next asks
    lab.must(job, 'set_mempolicy', 0, mask(), MAXNODE);
    const status = fields(read(k, job, 'status'));
    const mems = status.get('Mems_allowed')!;
    // set_nodemask_size() counts hexadecimal digits, read_mask() reads words of 32 bits
    expect(mems.replaceAll(',', '').length * 4).toBe(256);
    expect(mems).toMatch(/^(?:[0-9a-f]{8},)*00000006$/);
    expect(status.get('Mems_allowed_list')).toBe('1-2');
    expect(status.get('Cpus_allowed')).toMatch(/^(?:00000000,){15}00000024$/);
    expect(status.get('Cpus_allowed_list')).toBe('2,5');
    expect(read(k, job, 'cpuset')).toBe('/few\n');
  });

  it('has all CPUs of NR_CPUS for a task that nobody has restricted', () => {
    const { k, job } = scene();
    expect(fields(read(k, job, 'status')).get('Cpus_allowed')).toBe(Array.from({ length: 16 }, () => 'ffffffff').join());
  });

  it('shows sizes that agree with numa_maps and statm', () => {
    const { lab, k, job } = scene();
    lab.anonymous(job, 6);
    lab.file('/data/x', 4);
    lab.mapFile(job, '/data/x', 4, 1, 2);
    const status = read(k, job, 'status');
    expect([kiloBytes(status, 'VmSize'), kiloBytes(status, 'VmRSS'), kiloBytes(status, 'VmPTE')]).toEqual([160, 160, 16]);
    expect(read(k, job, 'statm')).toBe('10 10 4 0 0 6 0\n');
  });

  it('writes a name in one line whatever is in it', () => {
    const { lab, k } = scene();
    const task = lab.job({ comm: 'a\nb\\c' });
    expect(linesOf(read(k, task, 'status'))[0]).toBe('Name:\ta\\nb\\\\c');
  });

  it('shows a pending signal, ignored ones, and capabilities that were given up', () => {
    const { lab, k } = scene();
    const task = lab.job({ uid: 500 });
    lab.must(task, 'rt_sigaction', 10, { sa_handler: 1, sa_flags: 0 }, null, 8);
    lab.stop(task);
    lab.must(lab.batchd, 'kill', task.pid, 15);
    const status = fields(read(k, task, 'status'));
    expect(status.get('State')).toBe('T (stopped)');
    expect([status.get('SigQ')!.split('/')[0], status.get('SigPnd'), status.get('ShdPnd')]).toEqual(['1', '0000000000000000', '0000000000004000']);
    expect(status.get('SigIgn')).toBe('0000000000000200');
    // stat has only what is pending for the thread itself
    expect(read(k, task, 'stat').split(' ')[30]).toBe('0');
    expect([status.get('CapPrm'), status.get('CapEff')]).toEqual(['0000000000000000', '0000000000000000']);
    expect(status.get('Uid')).toBe('500\t500\t500\t500');
  });

  it.each([[63, 64], [64, 256], [255, 256], [256, 2048], [2048, 4096]])('has room for descriptors as the table grows: descriptor %d, FDSize %d', (fd, size) => {
    const { lab, k, job } = scene();
    lab.file('/data/x', 1);
    job.files.set(fd, job.files.get(lab.must(job, 'open', '/data/x', 0, 0))!);
    expect(fields(read(k, job, 'status')).get('FDSize')).toBe(String(size));
  });

  it('has no sizes for a zombie, and its cpuset cannot be read', async () => {
    const { PROC_PID_FILES } = await import('../../src/views/index.js');
    const { lab, k } = scene();
    const child = lab.job({ parent: lab.batchd });
    lab.call(lab.batchd, 'kill', child.pid, 9);
    const status = fields(read(k, child, 'status'));
    expect(status.get('State')).toBe('Z (zombie)');
    expect([status.get('FDSize'), status.has('VmSize')]).toEqual(['0', false]);
    expect(PROC_PID_FILES.cpuset.readError?.(k, child)).toBe(-22);
  });
});

describe('the state of a task', () => {
  const letter = (text: string): string => text.split(' ')[2]!;

  it('is D while it waits for a page to be read, and R when it is there', () => {
    const { lab, k, job } = scene();
    lab.file('/data/x', 1);
    const fd = lab.must(job, 'open', '/data/x', 0, 0);
    const path = newPath(job, k.sys_read(fd, 100));
    stepPath(k, path);
    expect(letter(read(k, job, 'stat'))).toBe('D');
    expect(fields(read(k, job, 'status')).get('State')).toBe('D (disk sleep)');
    while (path.state === 'running') {
      advanceTime(k);
      runWoken(k);
      stepPath(k, path);
    }
    expect(letter(read(k, job, 'stat'))).toBe('R');
  });

  it('is S for a kernel thread that waits for work', () => {
    const { lab, k } = scene();
    lab.anonymous(lab.job(), 4);
    runWoken(k);
    const kswapd = [...k.m.tasks.values()].find(task => task.comm.startsWith('kswapd'))!;
    expect(letter(read(k, kswapd, 'stat'))).toBe('S');
  });
});

describe('stat', () => {
  it('is one line of the 41 fields that ps reads', () => {
    const { lab, k, job } = scene();
    lab.anonymous(job, 3);
    const text = read(k, job, 'stat');
    const match = /^(\d+) \((.*)\) ([RSDTZX]) (.*)\n$/.exec(text)!;
    expect([match[1], match[2]]).toEqual([String(job.pid), 'job']);
    const rest = match[4]!.split(' ');
    expect(rest).toHaveLength(38);
    expect(rest.every(field => /^-?\d+$/.test(field))).toBe(true);
    // minor faults, vsize, rss, processor
    expect([rest[6], rest[19], rest[20], rest[35]]).toEqual(['3', String(3 * 16384), '3', '2']);
  });

  it('adds up the faults of the threads of a process', () => {
    const { lab, k, job } = scene();
    const CLONE_THREAD = 0x0001_0000 | 0x0000_0800 | 0x0000_0100;
    const thread = k.m.tasks.get(lab.must(job, 'clone', CLONE_THREAD))!;
    lab.anonymous(job, 3);
    lab.anonymous(thread, 2);
    const fields = read(k, job, 'stat').split(' ');
    expect(fields[9]).toBe('5');
    // where a process of several threads sleeps is not said
    expect(fields[34]).toBe('18446744073709551615');
  });
});

describe('smaps', () => {
  it('splits what is resident by who shares it and whether it is dirty', () => {
    const { lab, k, job } = scene();
    lab.anonymous(job, 4);
    lab.must(job, 'fork');
    lab.touch({ task: job, address: job.mm!.mmap!.vm_start, pages: 1 });
    const smaps = read(k, job, 'smaps');
    expect(['Size', 'Rss', 'Pss', 'Shared_Dirty', 'Private_Dirty', 'Anonymous'].map(name => kiloBytes(smaps.slice(0, smaps.indexOf('a000')), name)))
      .toEqual([64, 64, 16 + 3 * 8, 48, 16, 64]);
  });

  it('counts pages in swap', () => {
    const made = scene();
    const memory = made.lab.anonymous(made.job, 16);
    swapOut(made, memory);
    const smaps = read(made.k, made.job, 'smaps');
    const entry = smaps.slice(0, smaps.indexOf('a000'));
    const swap = kiloBytes(entry, 'Swap');
    expect(swap).toBeGreaterThan(0);
    expect(swap + kiloBytes(entry, 'Rss')).toBe(16 * 16);
  });
});
