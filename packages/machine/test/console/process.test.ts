import { describe, expect, it } from 'vitest';
import { Killed, type Process } from '../../src/console/index.js';
import { expectSound, newBox, program } from './helpers.js';

const SIGKILL = 9;
const SIGSTOP = 19;
const SIGCONT = 18;

describe('a program of the console', () => {
  it('is a child of the shell, with a task, a name and an address space of its own', async () => {
    const seen: unknown[] = [];
    const box = newBox({ programs: [program('probe', p => { seen.push(p.pid, p.task.parent?.pid, p.task.comm, p.task.mm !== p.box.login.task.mm); return 3; })] });
    const { exitCode } = await box.run(['probe', 'x']);
    expect({ exitCode, seen }).toEqual({ exitCode: 3, seen: [box.login.pid + 1, box.login.pid, 'probe', true] });
    expect(box.k.m.tasks.has(box.login.pid + 1)).toBe(false);
    expectSound(box);
  });

  it('that a signal kills ends with 128 and the signal', async () => {
    const box = newBox({ programs: [program('dies', async p => { await p.sys('kill', p.pid, SIGKILL); return 0; })] });
    expect((await box.run(['dies'])).exitCode).toBe(137);
    expectSound(box);
  });

  it('that is not installed is not found', async () => {
    const box = newBox({ programs: [] });
    expect(await box.run(['nothing'])).toEqual({ stdout: '', stderr: 'nothing: command not found\n', exitCode: 127 });
  });

  it('that fails inside the kit is an internal error, and the process is gone', async () => {
    const box = newBox({ programs: [program('fails', () => { throw new RangeError('oh'); })] });
    expect(await box.run(['fails'])).toEqual({ stdout: '', stderr: 'fails: internal error of pmkit: oh\n', exitCode: 70 });
    expect(box.internalErrors).toHaveLength(1);
  });

  it('goes on as another program after exec, in the same task', async () => {
    const seen: number[] = [];
    const second = program('second', p => { seen.push(p.pid); p.out(`${p.name} ${p.argv.slice(1).join(' ')}\n`); return 5; });
    const first = program('first', p => { seen.push(p.pid); return p.exec(['second', 'a', 'b']); });
    const box = newBox({ programs: [first, second] });
    expect(await box.run(['first'])).toEqual({ stdout: 'second a b\n', stderr: '', exitCode: 5 });
    expect(seen[0]).toBe(seen[1]);
  });
});

describe('simulated time', () => {
  it('passes while a program sleeps, and not otherwise', async () => {
    const times: number[] = [];
    const sleeper = program('sleeper', async p => { times.push(p.box.k.m.now); await p.sleep(2500); times.push(p.box.k.m.now); return 0; });
    const box = newBox({ programs: [sleeper] });
    await box.run(['sleeper']);
    expect(times[1]! - times[0]!).toBe(2500);
  });

  it('is shared: two who sleep wake in the order of their times', async () => {
    const order: string[] = [];
    const box = newBox({ programs: [program('two', async p => {
      for (const ms of [30, 10, 20]) {
        const child = await forked(p);
        p.box.scheduler.start(child, async () => {
          order.push(`begins ${ms}`);
          await p.box.scheduler.sleep(child, ms);
          order.push(`woke ${ms}`);
        });
      }
      await p.sleep(25);
      order.push('parent');
      await p.sleep(25);
      return 0;
    })] });
    await box.run(['two']);
    expect(order).toEqual(['begins 30', 'begins 10', 'begins 20', 'woke 10', 'woke 20', 'parent', 'woke 30']);
  });

  it('a stopped sleeper sleeps on when it is continued, and a killed one is gone', async () => {
    const events: string[] = [];
    const box = newBox({ programs: [program('parent', async p => {
      const child = await forked(p);
      p.box.scheduler.start(child, async () => {
        try {
          await p.box.scheduler.sleep(child, 100);
          events.push(`woke at ${p.box.k.m.now - start}`);
          await p.box.scheduler.sleep(child, 100);
        } catch (error) {
          events.push(error instanceof Killed ? 'killed' : 'failed');
        }
      });
      const start = p.box.k.m.now;
      await p.sleep(10);
      await p.sys('kill', child.task.pid, SIGSTOP);
      await p.sleep(200);
      events.push(child.task.state);
      await p.sys('kill', child.task.pid, SIGCONT);
      await p.sleep(1);
      await p.sys('kill', child.task.pid, SIGKILL);
      await p.sleep(1);
      return 0;
    })] });
    await box.run(['parent']);
    expect(events).toEqual(['T', 'woke at 210', 'killed']);
    expect(box.internalErrors).toEqual([]);
  });
});

async function forked(p: Process): Promise<{ readonly task: Process['task'] }> {
  const pid = await p.sys('fork');
  return { task: p.box.k.m.tasks.get(pid)! };
}
