/**
 * A state of the page as the fragment of its address, in words that a person can read and change: `#level=9&machine=altix64&script=overview&at=120.3&pid=72`. What is not said is as the page has it
 * by itself. Nothing is trusted: what makes no sense is left out.
 */
import { DIMENSIONS, type Dimension, type LiveMove, type MachineChoice, type Position, type RunSetup, type Script, type TreeName } from '../protocol.js';

/** A script of the page's own choice (PreparedIndex.scripts), by name: its text need not be in the address. */
export interface KnownScript { readonly kind: 'known'; readonly name: string }

export interface PageState {
  readonly machine?: MachineChoice;
  readonly tree?: TreeName;
  readonly script?: Script | KnownScript;
  readonly moves?: readonly LiveMove[];
  readonly swap?: number;
  readonly position?: Position;
  /** The level beside it, in lockstep. */
  readonly beside?: TreeName;
  readonly node?: number;
  readonly pfn?: number;
  readonly pid?: number;
  /** Bytes. */
  readonly address?: number;
  readonly dimension?: Dimension;
  readonly panel?: string;
  readonly patch?: string;
  /** A race of the kit, by name. */
  readonly race?: string;
  /** Stop of the tour, from 0 on. */
  readonly tour?: number;
}

const TREE = /^(?:\d|10)(?:\+hotplug)?$/;
const WORD = /^[\w.+-]{1,100}$/;
/** A fragment longer than this is nobody's. */
const MOST = 1 << 20;

export function encodeState(state: PageState): string {
  const words = new Map<string, string>();
  const say = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) words.set(name, String(value));
  };
  say('level', state.tree);
  say('machine', state.machine === undefined ? undefined : machineWord(state.machine));
  sayScript(state.script, say);
  say('swap', state.swap);
  if (state.moves !== undefined && state.moves.length > 0) say('moves', state.moves.map(({ step, level }) => `${step}:${level}`).join(','));
  if (state.position !== undefined) say('at', state.position.event === 0 ? state.position.step : `${state.position.step}.${state.position.event}`);
  say('beside', state.beside);
  say('node', state.node);
  say('frame', state.pfn);
  say('pid', state.pid);
  say('address', state.address === undefined ? undefined : BigInt(state.address).toString(16));
  say('colour', state.dimension);
  say('panel', state.panel);
  say('patch', state.patch);
  say('race', state.race);
  say('tour', state.tour === undefined ? undefined : state.tour + 1);
  return [...words].map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll('%20', '+').replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%2F', '/')}`).join('&');
}

function machineWord(machine: MachineChoice): string {
  switch (machine.kind) {
    case 'preset': return machine.name;
    case 'own': return 'own';
    case 'uniform': return `${machine.nodes}x${machine.pagesPerNode}`;
  }
}

function sayScript(script: PageState['script'], say: (name: string, value: string | undefined) => void): void {
  switch (script?.kind) {
    case undefined: break;
    case 'known': say('script', script.name); break;
    case 'behaviour': say('behaviour', script.id); break;
    case 'scenario':
      say('scenario', script.text);
      say('name', script.name);
      break;
    case 'console':
      say('bash', script.lines.join('\n'));
      say('name', script.name);
  }
}

/** @param fragment with or without its `#` */
export function decodeState(fragment: string): PageState {
  if (fragment.length > MOST) return {};
  const words = new URLSearchParams(fragment.replace(/^#/, ''));
  const whole = (name: string): number | undefined => (/^\d{1,13}$/.test(words.get(name) ?? '') ? Number(words.get(name)) : undefined);
  const fitting = (name: string, pattern: RegExp): string | undefined => {
    const text = words.get(name);
    return text !== null && pattern.test(text) ? text : undefined;
  };
  const dimension = DIMENSIONS.find(known => known === words.get('colour'));
  const tour = whole('tour');
  return defined({
    tree: fitting('level', TREE), machine: machineOf(words.get('machine')), script: scriptOf(words), moves: movesOf(words.get('moves')), swap: whole('swap'), position: positionOf(words.get('at')),
    beside: fitting('beside', TREE), node: whole('node'), pfn: whole('frame'), pid: whole('pid'), address: addressOf(words.get('address')), dimension, panel: fitting('panel', WORD), patch: fitting('patch', WORD), race: fitting('race', WORD),
    tour: tour === undefined || tour === 0 ? undefined : tour - 1,
  });
}

type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };
const defined = <T extends object>(fields: T): Defined<T> => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;

function machineOf(word: string | null): MachineChoice | undefined {
  if (word === null || !WORD.test(word)) return undefined;
  if (word === 'own') return { kind: 'own' };
  const [, nodes, frames] = /^(\d{1,4})x(\d{1,9})$/.exec(word) ?? [];
  return nodes === undefined ? { kind: 'preset', name: word } : { kind: 'uniform', nodes: Number(nodes), pagesPerNode: Number(frames) };
}

function scriptOf(words: URLSearchParams): PageState['script'] {
  const [known, behaviour, scenario, bash, name] = ['script', 'behaviour', 'scenario', 'bash', 'name'].map(word => words.get(word) ?? undefined);
  const named = name === undefined ? {} : { name };
  if (known !== undefined) return { kind: 'known', name: known };
  if (behaviour !== undefined) return { kind: 'behaviour', id: behaviour };
  if (scenario !== undefined) return { kind: 'scenario', text: scenario, ...named };
  if (bash !== undefined) return { kind: 'console', lines: bash === '' ? [] : bash.split('\n'), ...named };
  return undefined;
}

/** Addresses have 64 bits. Those of pages end in zeroes, and are numbers of 53 bits all the same. */
function addressOf(word: string | null): number | undefined {
  return word !== null && /^[\da-f]{1,16}$/.test(word) ? Number(BigInt(`0x${word}`)) : undefined;
}

function movesOf(word: string | null): readonly LiveMove[] | undefined {
  if (word === null || !/^\d{1,9}:\d{1,2}(,\d{1,9}:\d{1,2})*$/.test(word)) return undefined;
  return word.split(',').map(move => move.split(':').map(Number)).map(([step, level]) => ({ step: step!, level: level! }));
}

function positionOf(word: string | null): Position | undefined {
  const [, step, event] = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(word ?? '') ?? [];
  return step === undefined ? undefined : { step: Number(step), event: Number(event ?? 0) };
}

/** What a run depends on, of a state; `known` resolves scripts by name, and what is not said is as in `usual`. */
export function setupOf({ machine, tree, script, moves, swap }: PageState, usual: RunSetup, known: (name: string) => Script | undefined): RunSetup {
  const chosen = (script?.kind === 'known' ? known(script.name) : script) ?? usual.script;
  return {
    machine: machine ?? (chosen.kind === 'console' ? usual.machine : { kind: 'own' }), tree: tree ?? usual.tree, script: chosen,
    ...(moves === undefined ? {} : { moves }), ...(swap === undefined ? {} : { swap }),
  };
}
