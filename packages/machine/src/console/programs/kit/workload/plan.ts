/** The command line of workload(1). */
import { Getopt, type LongOption } from '../../../getopt.js';
import { parseCount, parseMapping, parseNodes, parsePolicy, SpecError, type MappingSpec, type Policy } from './spec.js';

export interface Plan {
  readonly mappings: readonly MappingSpec[];
  /** Infinity: for ever. */
  rounds: number;
  /** Simulated ms after each round; spent computing, or asleep. */
  period: number;
  sleeps: boolean;
  stays: boolean;
  report: boolean;
  verify: boolean;
  /** Processes that map by themselves; the first one included. */
  processes: number;
  /** Children forked after the first round, which share what is mapped. */
  children: number;
  /** Threads besides the first one. */
  threads: number;
  /** Process i runs on the node i of these, round robin; null: where it is. */
  nodes: readonly number[] | null;
  policy: Policy | null;
}

const OPTIONS = 'n:t:sSrvp:f:T:N:P:h';
const LONG: readonly LongOption[] = [
  { name: 'rounds', takes: 'required', val: 'n' }, { name: 'period', takes: 'required', val: 't' }, { name: 'sleep', takes: 'none', val: 's' },
  { name: 'stay', takes: 'none', val: 'S' }, { name: 'report', takes: 'none', val: 'r' }, { name: 'verify', takes: 'none', val: 'v' },
  { name: 'processes', takes: 'required', val: 'p' }, { name: 'fork', takes: 'required', val: 'f' }, { name: 'threads', takes: 'required', val: 'T' },
  { name: 'nodes', takes: 'required', val: 'N' }, { name: 'policy', takes: 'required', val: 'P' }, { name: 'help', takes: 'none', val: 'h' },
];

/** So many tasks a command line may make. */
const MAX_TASKS = 1024;
const MAX_PERIOD = 86_400_000;

type Setter = (plan: Plan, value: string) => void;
const SETTERS: Readonly<Record<string, Setter>> = {
  n: (plan, value) => { plan.rounds = value === 'forever' ? Infinity : parseCount(value, 'rounds'); },
  t: (plan, value) => { plan.period = parseCount(value, 'period', MAX_PERIOD); },
  s: plan => { plan.sleeps = true; },
  S: plan => { plan.stays = true; },
  r: plan => { plan.report = true; },
  v: plan => { plan.verify = true; },
  p: (plan, value) => { plan.processes = parseCount(value, 'processes', MAX_TASKS); },
  f: (plan, value) => { plan.children = parseCount(value, 'fork', MAX_TASKS); },
  T: (plan, value) => { plan.threads = parseCount(value, 'threads', MAX_TASKS); },
  N: (plan, value) => { plan.nodes = parseNodes(value); },
  P: (plan, value) => {
    plan.policy = parsePolicy(value);
    if (plan.policy === null) throw new SpecError(`policy: expected bind=NODES, interleave=NODES, prefer=NODE or default, found '${value}'`);
  },
};

/**
 * @returns the plan; or the text of an error of use, and null for `--help`.
 */
export function parsePlan(argv: readonly string[]): Plan | { readonly error: string | null } {
  const mappings: MappingSpec[] = [];
  const plan: Plan = {
    mappings, rounds: 1, period: 10, sleeps: false, stays: false, report: false, verify: false, processes: 1, children: 0, threads: 0, nodes: null, policy: null,
  };
  const options = new Getopt(argv, OPTIONS, LONG);
  try {
    for (const { opt, arg, error } of options) {
      if (error !== undefined) return { error };
      if (opt === 'h') return { error: null };
      SETTERS[opt]!(plan, arg ?? '');
    }
    for (const word of options.operands) mappings.push(parseMapping(word));
    if (mappings.length === 0) throw new SpecError('expected a mapping');
  } catch (error) {
    if (error instanceof SpecError) return { error: `${argv[0] ?? 'workload'}: ${error.message}\n` };
    throw error;
  }
  return plan;
}
