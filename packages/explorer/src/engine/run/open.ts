/** Begins a run. The console is a large part of the kit, and is only loaded for a script that asks for it. */
import { Misuse } from '../errors.js';
import { machineOf } from '../choices.js';
import { BehaviourRun } from './behaviour-run.js';
import type { Run, RunOptions } from './run.js';
import { ScenarioRun } from './scenario-run.js';

const MAX_LINES = 10_000;
const MAX_LINE = 100_000;

/** @throws {Misuse} for a script that is none; {LinkError} when the tree does not build; {RangeError} for a machine that cannot be. */
export async function openRun(options: RunOptions): Promise<Run> {
  const { script } = options;
  switch (script.kind) {
    case 'behaviour': return new BehaviourRun(options, script.id);
    case 'scenario': return new ScenarioRun(options, script.text, script.name ?? 'scenario');
    case 'console': {
      const { lines } = script;
      if (lines.length > MAX_LINES || lines.some(line => line.length > MAX_LINE)) throw new Misuse(`expected ${MAX_LINES} lines of ${MAX_LINE} characters at most`);
      const { ConsoleRun } = await import('../console/console-run.js');
      return new ConsoleRun({ ...options, machine: options.machine ?? machineOf({ kind: 'preset', name: 'pmkit' })! }, lines).begin();
    }
  }
}
