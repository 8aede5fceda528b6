import fc from 'fast-check';
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { it } from 'vitest';
import { SA_ONESHOT, SIG_DFL, SIG_IGN } from '../src/include/linux/signal.js';
import { DRIVER_HANDLER, spawn, syscall, takeCaught, type Kernel, type Task } from '../src/index.js';
import { bootSpace } from './memory.js';

const seed = Number(process.env['FC_SEED'] ?? 1);
const [SIGKILL, SIGCONT, SIGSTOP] = [9, 18, 19];
const STOPS = [19, 20, 21, 22];
const NOTHING = [17, 18, 23, 28];
const SIGNALS = [1, 2, 9, 11, 15, 17, 18, 19, 20, 21, 23, 33];

type Action = 'default' | 'ignore' | 'catch' | 'catch once';
type Step = { readonly kill: number } | { readonly sigaction: number; readonly action: Action } | 'take';

/** What POSIX says of one process of one thread, in words of its own: it shares nothing with the kernel. */
class Model {
  state: 'R' | 'T' | 'Z' = 'R';
  killer = 0;
  caught: number[] = [];
  readonly #actions = new Map<number, Action>();
  readonly #waiting = new Set<number>();

  kill(sig: number): void {
    if (this.state === 'Z') return;
    if (STOPS.includes(sig)) this.#waiting.delete(SIGCONT);
    if (sig === SIGCONT) for (const stop of STOPS) this.#waiting.delete(stop);
    const resumed = sig === SIGCONT && this.state === 'T';
    if (resumed) this.state = 'R';
    if (!this.#isIgnored(sig)) this.#waiting.add(sig);
    if (sig === SIGKILL) this.#die(SIGKILL);
    if (this.state === 'R') this.#act();
  }
  sigaction(sig: number, action: Action): boolean {
    if (sig === SIGKILL || sig === SIGSTOP) return false;
    this.#actions.set(sig, action);
    if (this.#isIgnored(sig)) this.#waiting.delete(sig);
    return true;
  }
  #isIgnored(sig: number): boolean {
    const action = this.#actions.get(sig) ?? 'default';
    return action === 'ignore' || (action === 'default' && NOTHING.includes(sig));
  }
  #act(): void {
    for (const sig of [...this.#waiting].sort((a, b) => a - b)) {
      if (this.state !== 'R') return;
      this.#waiting.delete(sig);
      const action = this.#actions.get(sig) ?? 'default';
      if (action === 'catch once') this.#actions.set(sig, 'default');
      if (action !== 'default') this.caught = [...this.caught.filter(other => other !== sig), sig].sort((a, b) => a - b);
      else if (STOPS.includes(sig)) this.state = 'T';
      else this.#die(sig);
    }
  }
  #die(sig: number): void {
    this.state = 'Z';
    this.killer = sig;
  }
}

function run(k: Kernel, root: Task, task: Task, model: Model, step: Step): void {
  if (step === 'take') {
    if (model.state === 'Z') return; // nobody is left to run a handler
    deepStrictEqual(takeCaught(task).sort((a, b) => a - b), model.caught);
    model.caught = [];
  } else if ('kill' in step) {
    syscall(k, root, 'kill', task.pid, step.kill);
    model.kill(step.kill);
  } else if (task.state === 'R') {
    const action = { sa_handler: step.action === 'default' ? SIG_DFL : step.action === 'ignore' ? SIG_IGN : DRIVER_HANDLER, sa_flags: step.action === 'catch once' ? SA_ONESHOT : 0 };
    strictEqual(syscall(k, task, 'rt_sigaction', step.sigaction, action, null, 8) === 0, model.sigaction(step.sigaction, step.action));
  }
  strictEqual(task.state, model.state);
  strictEqual(task.state === 'Z' ? task.exit_code : 0, model.killer);
}

it('a process does with signals what a simple model of them says', () => {
  const { k, task: root } = bootSpace();
  const signal = fc.constantFrom(...SIGNALS);
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 5, arbitrary: signal.filter(sig => sig !== SIGKILL).map(kill => ({ kill })) }, { weight: 1, arbitrary: fc.constant({ kill: SIGKILL }) },
    { weight: 5, arbitrary: fc.record({ sigaction: signal, action: fc.constantFrom<Action>('default', 'ignore', 'catch', 'catch', 'catch once') }) }, { weight: 1, arbitrary: fc.constant<Step>('take') },
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), steps => {
    const task = spawn(k, { parent: root });
    const model = new Model();
    // handlers first, so that a process lives long enough to be worth looking at
    for (const sig of [1, 2, 15, 33]) run(k, root, task, model, { sigaction: sig, action: 'catch' });
    for (const each of steps) run(k, root, task, model, each);
    if (task.state !== 'Z') syscall(k, root, 'kill', task.pid, SIGKILL);
    strictEqual(syscall(k, root, 'wait4', task.pid, null, 0), task.pid);
  }), { seed, numRuns: 1000 });
});
