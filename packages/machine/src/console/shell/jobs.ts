/** The background jobs of a shell. */
import { syscall } from '@pmkit/mm-core';
import { WNOHANG } from '@pmkit/mm-core/include/linux/sched';
import { exitCodeOf, waitFor } from '../launch.js';
import type { Process } from '../process.js';

export interface Job {
  readonly number: number;
  /** `$!`: that of the last process. */
  readonly pid: number;
  /** One process for each part of a pipeline. */
  readonly pids: readonly number[];
  /** Exit codes of those that have been collected. */
  readonly ended: Map<number, number>;
  /** As typed. */
  readonly command: string;
  /** Exit code of the last process, once all have been collected. */
  exitCode: number | null;
  /** The user has been told, or has waited for it. */
  reported: boolean;
}

export class Jobs {
  readonly #jobs: Job[] = [];

  add(pids: readonly number[], command: string): Job {
    const job: Job = { number: (this.#jobs.filter(other => !other.reported).at(-1)?.number ?? 0) + 1, ...processes(pids), command, exitCode: null, reported: false };
    this.#jobs.push(job);
    return job;
  }

  /** What a subshell shows of them; it cannot wait for them. */
  shown(): Jobs {
    const copy = new Jobs();
    for (const job of this.listed) copy.#jobs.push({ ...job, ended: new Map(job.ended) });
    return copy;
  }

  /** A process that is no job to anybody, but is to be collected. */
  addHidden(pid: number): void {
    this.#jobs.push({ number: 0, ...processes([pid]), command: '', exitCode: null, reported: true });
  }

  /** Those that `jobs` shows, oldest first. */
  get listed(): readonly Job[] {
    return this.#jobs.filter(job => !job.reported);
  }
  get running(): readonly Job[] {
    return this.#jobs.filter(job => job.exitCode === null);
  }
  byPid(pid: number): Job | undefined {
    return this.#jobs.findLast(job => job.pids.includes(pid));
  }

  /** A job by its specification: `%2`, `%%`, `%+`, `%-`, `%name`, `%?text`. */
  find(spec: string): Job | undefined {
    const { listed } = this;
    const text = spec.slice(1);
    if (text === '' || text === '%' || text === '+') return listed.at(-1);
    if (text === '-') return listed.at(-2) ?? listed.at(-1);
    if (/^\d+$/.test(text)) return listed.findLast(job => job.number === Number(text));
    return listed.findLast(job => (text.startsWith('?') ? job.command.includes(text.slice(1)) : job.command.startsWith(text)));
  }

  /** `+` for the current job, `-` for the previous one. */
  mark(job: Job): string {
    const { listed } = this;
    return job === listed.at(-1) ? '+' : job === listed.at(-2) ? '-' : ' ';
  }

  /** What the shell's SIGCHLD handler does: collects those that have ended. */
  collect(shell: Process): void {
    const { k } = shell.box;
    for (const job of this.running) {
      for (const pid of alive(job)) {
        const task = k.m.tasks.get(pid);
        if (task?.state !== 'Z' || task.parent !== shell.task || shell.task.state !== 'R' || k.m.paths.has(shell.task)) continue;
        const status = { value: 0 };
        if (syscall(k, shell.task, 'wait4', pid, status, WNOHANG) === pid) collected(job, pid, exitCodeOf(status.value));
      }
    }
  }

  /** Waits for a job to end. @returns its exit code. */
  async wait(shell: Process, job: Job): Promise<number> {
    for (const pid of alive(job)) collected(job, pid, await waitFor(shell.box, shell, pid));
    job.reported = true;
    return job.exitCode ?? 0;
  }

  /** The machine has been rebooted. */
  clear(): void {
    this.#jobs.length = 0;
  }
}

const processes = (pids: readonly number[]): Pick<Job, 'pid' | 'pids' | 'ended'> => ({ pid: pids.at(-1)!, pids, ended: new Map() });

/** Processes of a job that have not been collected. */
export const alive = ({ pids, ended }: Job): readonly number[] => pids.filter(pid => !ended.has(pid));

function collected(job: Job, pid: number, code: number): void {
  job.ended.set(pid, code);
  if (alive(job).length === 0) job.exitCode = job.ended.get(job.pid) ?? 0;
}
