/** What strace(1) sees of its tracees, as it prints it. Source for the shapes: strace 6.1. */
import { NO_RESULT, type Task } from '@pmkit/mm-core';
import type { TraceEvent } from '@pmkit/linker';
import { EINTR } from '@pmkit/mm-core/include/linux/errno';
import { SIGKILL, SIGNAL_GROUP_EXIT } from '@pmkit/mm-core/include/linux/sched';
import type { Box } from '../../../box.js';
import { timeOfDay } from '../../../files/index.js';
import type { SyscallObserver } from '../../../scheduler.js';
import { callName } from '../calls/numbers.js';
import { entryText, exitText, resultText, signalText } from '../calls/show.js';
import type { Summary } from './summary.js';

export interface TracerOptions {
  readonly follow: boolean;
  /** Which calls are printed. */
  readonly selects: (name: string) => boolean;
  readonly quiet: boolean;
  /** Time of day in front of each line: none, seconds, microseconds. */
  readonly stamps: 0 | 1 | 2;
  /** The time spent in the call behind it. */
  readonly durations: boolean;
  /** Lines go to a file: each begins with the pid when children are followed. */
  readonly toFile: boolean;
  /** Counts instead of lines. */
  readonly summary: Summary | null;
  write(text: string): void;
  /** strace's own messages. */
  tell(text: string): void;
}

/** A call that a tracee is in. */
interface Call { readonly name: string; readonly args: readonly unknown[]; readonly began: number; readonly shown: boolean; /** Its line was left for another tracee's. */ unfinished: boolean }

/** Functions of the kernel where what is no system call is seen. */
const WATCHED: ReadonlySet<string> = new Set(['group_send_sig_info', 'do_group_exit', 'do_signal_stop', 'get_signal_to_deliver', 'do_exit', 'force_sig']);
/** What a call that a signal has ended would return to itself: nanosleep() in 2.6.12 has a way of its own to go on. */
const RESTART: Readonly<Record<string, string>> = { nanosleep: '? ERESTART_RESTARTBLOCK (Interrupted by signal)' };
const RESTART_ELSE = '? ERESTARTSYS (To be restarted if SA_RESTART is set)';

/** Column of the equals sign. */
const RESULT_COLUMN = 40;

export class Tracer implements SyscallObserver {
  readonly #box: Box;
  readonly #options: TracerOptions;
  /** Tracees that live. */
  readonly #tasks = new Set<Task>();
  readonly #calls = new Map<Task, Call>();
  /** Who has sent a signal that was not delivered yet. */
  readonly #senders = new Map<Task, Map<number, Task>>();
  /** Whose line has no end yet, and how long it is. */
  #open: Task | null = null;
  #column = 0;
  readonly #stop: () => void;

  constructor(box: Box, options: TracerOptions) {
    this.#box = box;
    this.#options = options;
    box.scheduler.observers.add(this);
    this.#stop = box.trace.watch(event => { this.#kernelEvent(event); }, name => WATCHED.has(name));
  }

  /** Ends; what was left in the middle of a line is ended too. */
  close(): void {
    this.#stop();
    this.#box.scheduler.observers.delete(this);
    if (this.#open !== null) this.#options.write('\n');
    this.#open = null;
  }

  get tasks(): ReadonlySet<Task> {
    return this.#tasks;
  }

  /** From now on the task is traced. */
  attach(task: Task, tell: boolean): void {
    this.#tasks.add(task);
    if (tell && !this.#options.quiet) {
      this.#interrupt();
      this.#options.tell(`strace: Process ${task.pid} attached\n`);
    }
  }

  entered(task: Task, call: number | string, args: readonly unknown[]): void {
    if (!this.#tasks.has(task)) return;
    const name = callName(this.#box.k, call);
    const shown = this.#options.selects(name) && this.#options.summary === null;
    this.#calls.set(task, { name, args, began: this.#box.k.m.now, shown, unfinished: false });
    if (!shown) return;
    this.#begin(task, entryText(name, args));
    this.#open = task;
  }

  left(task: Task, result: number): void {
    const call = this.#calls.get(task);
    if (call === undefined || result === NO_RESULT) return;
    this.#calls.delete(task);
    this.#end(task, call, exitText(call.name, call.args, result), result === -EINTR ? `= ${RESTART[call.name] ?? RESTART_ELSE}` : resultText(call.name, result), result);
    if (this.#options.follow && result > 0 && (call.name === 'fork' || call.name === 'clone')) {
      const child = this.#box.k.m.tasks.get(result);
      if (child !== undefined) this.attach(child, true);
    }
  }

  #kernelEvent(event: TraceEvent): void {
    if (event.kind !== 'enter') {
      if (event.name === 'get_signal_to_deliver') this.#caught(this.#box.k.m.current);
      return;
    }
    const { current } = this.#box.k.m;
    const [first, second] = event.args;
    if (event.name === 'group_send_sig_info') this.#sent(second as Task, first as number, current);
    if (!this.#tasks.has(current)) return;
    if (event.name === 'do_signal_stop') {
      this.#signal(current, first as number);
      this.#line(current, `--- stopped by ${signalText(first as number)} ---`);
    } else if (event.name === 'do_group_exit') {
      const { signal } = current;
      const code = (signal.flags & SIGNAL_GROUP_EXIT) !== 0 ? signal.group_exit_code : (first as number);
      if ((code & 0x7f) !== 0 && code !== SIGKILL) this.#signal(current, code & 0x7f);
    } else if (event.name === 'do_exit') this.#exits(current, first as number);
  }

  #sent(target: Task, signal: number, sender: Task): void {
    if (!this.#tasks.has(target) || signal === 0) return;
    const senders = this.#senders.get(target) ?? new Map<number, Task>();
    senders.set(signal, sender);
    this.#senders.set(target, senders);
  }

  /** Handlers of the program's that are to run. */
  #caught(task: Task): void {
    if (!this.#tasks.has(task)) return;
    for (const signal of task.caught) if (this.#senders.get(task)?.has(signal) === true) this.#signal(task, signal);
  }

  /** A signal is delivered. It ends a call that sleeps. */
  #signal(task: Task, signal: number): void {
    const call = this.#calls.get(task);
    if (call !== undefined && this.#box.k.m.paths.get(task) === undefined && call.shown && (call.unfinished || this.#open === task) && SLEEPS.has(call.name)) {
      this.#calls.delete(task);
      this.#end(task, call, exitText(call.name, call.args, -EINTR), `= ${RESTART[call.name] ?? RESTART_ELSE}`, -EINTR);
    }
    const sender = this.#senders.get(task)?.get(signal);
    this.#senders.get(task)?.delete(signal);
    const name = signalText(signal);
    const info = sender === undefined ? 'si_code=SI_KERNEL' : `si_code=SI_USER, si_pid=${sender.tgid}, si_uid=${sender.uid}`;
    this.#line(task, `--- ${name} {si_signo=${name}, ${info}} ---`);
  }

  #exits(task: Task, code: number): void {
    const call = this.#calls.get(task);
    this.#calls.delete(task);
    if (call !== undefined) this.#end(task, call, exitText(call.name, call.args, 0), '= ?', 0);
    const signal = code & 0x7f;
    this.#line(task, signal === 0 ? `+++ exited with ${(code >> 8) & 0xff} +++` : `+++ killed by ${signalText(signal)} +++`);
    this.#tasks.delete(task);
    this.#senders.delete(task);
  }

  #end(task: Task, call: Call, rest: string, result: string, value: number): void {
    const ms = this.#box.k.m.now - call.began;
    if (this.#options.selects(call.name)) this.#options.summary?.count(call.name, ms, value);
    if (!call.shown) return;
    if (this.#open === task) this.#put(rest);
    else this.#begin(task, `<... ${call.name} resumed>${rest}`);
    this.#open = null;
    this.#put(' '.repeat(Math.max(1, RESULT_COLUMN - this.#column)) + result + (this.#options.durations ? ` <${(ms / 1000).toFixed(6)}>` : ''));
    this.#put('\n');
  }

  #line(task: Task, text: string): void {
    if (this.#options.summary !== null) return;
    this.#begin(task, `${text}\n`);
  }

  /** Begins a line of a tracee's; another one's that has no end is left. */
  #begin(task: Task, text: string): void {
    this.#interrupt();
    const { stamps, toFile, follow } = this.#options;
    this.#column = 0;
    const pid = toFile && follow ? `${String(task.pid).padEnd(5)} ` : this.#tasks.size > 1 && !toFile ? `[pid ${String(task.pid).padStart(5)}] ` : '';
    this.#put(pid);
    if (stamps > 0) this.#put(`${new Date(timeOfDay(this.#box.k.m)).toISOString().slice(11, stamps === 1 ? 19 : 23)}${stamps === 2 ? '000' : ''} `);
    this.#put(text);
  }
  #interrupt(): void {
    if (this.#open === null) return;
    const call = this.#calls.get(this.#open);
    if (call !== undefined) call.unfinished = true;
    this.#open = null;
    this.#put(' <unfinished ...>\n');
  }
  #put(text: string): void {
    this.#column += text.length;
    this.#options.write(text);
  }
}

/** Calls whose sleep a signal ends. */
const SLEEPS: ReadonlySet<string> = new Set(['nanosleep', 'wait4']);
