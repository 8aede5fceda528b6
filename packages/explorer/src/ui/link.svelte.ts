/** The address of the page is the state of the page: read when it opens or changes, written as the state does. */
import { decodeState, encodeState, setupOf, type KnownScript, type PageState } from '../engine/permalink.js';
import { TOUR } from '../engine/tour.js';
import type { PreparedIndex, RunSetup, Script } from '../protocol.js';
import { preparedIndex } from './scripts.js';
import { NOTHING, PANELS, type Panel, type Session } from './session.svelte.js';

/** Script that a page without an address opens with. */
const FIRST = 'tour';
/** Where bash runs, if no machine is named. */
const USUAL: RunSetup = { machine: { kind: 'preset', name: 'pmkit' }, tree: '9', script: { kind: 'console', lines: [] } };

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const isPanel = (word: string | undefined): word is Panel => PANELS.some(panel => panel === word);

export class Link {
  readonly #session: Session;
  #index: PreparedIndex | null = null;
  /** The fragment that the page has written itself. */
  #written = '';

  constructor(session: Session) {
    this.#session = session;
  }

  async begin(): Promise<void> {
    this.#index = await preparedIndex();
    await this.#go(decodeState(location.hash));
  }

  /** Follows the address until the returned function is called. */
  follow(): () => void {
    const changed = (): void => {
      if (location.hash !== this.#written) void this.#go(decodeState(location.hash));
    };
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }

  #known = (name: string): Script | undefined => this.#index?.scripts.find(script => script.name === name)?.script;

  /** The overview's script at the console, on the machine that is there if it is one for bash. */
  async console(): Promise<void> {
    const { setup, series } = this.#session.a;
    await this.#go({ tree: series?.tree ?? USUAL.tree, script: { kind: 'known', name: 'overview' }, ...(setup?.machine.kind === 'preset' ? { machine: setup.machine } : {}), panel: 'console' });
  }

  /** A stop of the tour. */
  async tour(stop: number): Promise<void> {
    const state = TOUR[stop]?.state;
    if (state !== undefined) await this.#go({ ...state, tour: stop });
  }

  /** Brings the page to a state; a machine that is there already only goes to its position. */
  async #go(state: PageState): Promise<void> {
    const session = this.#session;
    const setup = setupOf(state, { ...USUAL, script: this.#known(FIRST) ?? USUAL.script }, this.#known);
    const isThere = session.a.setup !== null && isSame(session.a.setup, setup) && state.beside === undefined && !session.isLockstep;
    if (!isThere) await session.open(setup, state.position, state.beside ?? null);
    else if (!isSame(session.a.standing?.position, state.position ?? { step: 0, event: 0 })) await session.seek(state.position ?? { step: 0, event: 0 });
    session.tour = state.tour !== undefined && state.tour < TOUR.length ? state.tour : null;
    session.patch = state.patch ?? null;
    if (state.dimension !== undefined && state.dimension !== session.dimension) await session.setDimension(state.dimension);
    if (state.race !== undefined && state.race !== session.race.known) await session.race.openKnown(state.race);
    await session.show(isPanel(state.panel) ? state.panel : state.patch === undefined ? 'process' : 'patch');
    await session.select({ ...NOTHING, ...chosen(state) });
  }

  /** The state of the page; null before there is one. */
  #state(): PageState | null {
    const { a, b, selection, dimension, panel, patch, tour, isLockstep, race } = this.#session;
    if (a.setup === null || a.standing === null) return null;
    const { machine, tree, script, moves, swap } = a.setup;
    return {
      tree, machine, script: this.#named(script), ...(swap === undefined ? {} : { swap }), ...(moves === undefined || moves.length === 0 ? {} : { moves }), position: a.standing.position,
      ...(isLockstep && b.setup !== null ? { beside: b.setup.tree } : {}),
      ...Object.fromEntries(Object.entries(selection).filter(([, value]) => value !== null)),
      dimension, panel, ...(patch === null ? {} : { patch }), ...(race.known === null || panel !== 'races' ? {} : { race: race.known }), ...(tour === null ? {} : { tour }),
    };
  }

  #named(script: Script): Script | KnownScript {
    const known = this.#index?.scripts.find(({ script: other }) => isSame(other, script));
    return known === undefined ? script : { kind: 'known', name: known.name };
  }

  /** Writes the address, once the machines stand. */
  write(): void {
    const state = this.#state();
    if (state === null || this.#session.doing !== null) return;
    this.#written = `#${encodeState(state)}`;
    if (location.hash === this.#written) return;
    try {
      history.replaceState(null, '', this.#written);
    } catch {
      // a frame that may not: the link can still be copied
    }
  }

  url(): string {
    const state = this.#state();
    return state === null ? location.href : `${location.href.replace(/#.*/, '')}#${encodeState(state)}`;
  }
}

const chosen = ({ node, pfn, pid, address }: PageState): Partial<Record<'node' | 'pfn' | 'pid' | 'address', number>> =>
  Object.fromEntries(Object.entries({ node, pfn, pid, address }).filter(([, value]) => value !== undefined)) as Record<string, number>;
