/** What the page shows and does: the machines, what is chosen in them, and the commands of its controls. */
import type { Client } from '../engine/client.js';
import type { AddressSpace, Dimension, FrameDetail, LockstepState, MoveHow, Position, RunSetup, Standing, StepUnit, TraceRecord, TreeName, WhyAnswer } from '../protocol.js';
import { Machine } from './machine.svelte.js';
import { Race } from './race.svelte.js';

export const PANELS = ['process', 'trace', 'patch', 'console', 'compare', 'races', 'tour'] as const;
export type Panel = (typeof PANELS)[number];

/** What is chosen; each may be, with the others or alone. */
export interface Selection { readonly node: number | null; readonly pfn: number | null; readonly pid: number | null; readonly address: number | null }
export const NOTHING: Selection = { node: null, pfn: null, pid: null, address: null };

/** Steps a second; null is as fast as it goes. */
export const SPEEDS: readonly (number | null)[] = [1, 4, 16, 64, null];

export class Session {
  readonly client: Client;
  readonly a: Machine;
  readonly b: Machine;
  readonly race: Race;
  dimension = $state<Dimension>('kind');
  panel = $state<Panel>('process');
  patch = $state<string | null>(null);
  selection = $state.raw<Selection>(NOTHING);
  speed = $state<number | null>(16);
  /** What the worker is doing that has the machines go somewhere; null when they stand. */
  doing = $state<string | null>(null);
  /** What went wrong last, in a sentence. */
  message = $state<string | null>(null);

  frame = $state.raw<FrameDetail | null>(null);
  space = $state.raw<AddressSpace | null>(null);
  why = $state.raw<WhyAnswer | null>(null);
  events = $state.raw<readonly TraceRecord[]>([]);
  lockstep = $state.raw<LockstepState | null>(null);
  tour = $state<number | null>(null);

  constructor(client: Client) {
    this.client = client;
    this.a = new Machine(client, 'a');
    this.b = new Machine(client, 'b');
    this.race = new Race(client);
    client.onNotice(notice => {
      if (notice.notice === 'moved') this.#stands(notice.standing);
      if (notice.notice === 'console') this.#machine(notice.side).print(notice.output);
      if (notice.notice === 'screen') void this.#machine(notice.side).readScreen();
    });
  }

  #machine(side: 'a' | 'b'): Machine { return side === 'a' ? this.a : this.b; }

  get isLockstep(): boolean { return this.b.layout !== null; }

  #stands(standing: Standing): void {
    const machine = this.#machine(standing.side);
    machine.standing = standing;
    void this.#refresh(machine);
  }

  async #refresh(machine: Machine): Promise<void> {
    await this.#guarded(async () => {
      await machine.refresh(this.dimension);
      if (machine === this.a) await this.#readSelected();
    });
  }

  /** Does what may fail, and says so where it does. @returns whether it went well */
  async #guarded(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.message = error instanceof Error ? error.message : String(error);
      return false;
    }
  }

  /** One thing at a time: what is asked for while another goes on is not done. @returns whether it was done */
  async #exclusively(what: string, work: () => Promise<void>): Promise<boolean> {
    if (this.doing !== null) return false;
    this.doing = what;
    this.message = null;
    try {
      return await this.#guarded(work);
    } finally {
      this.doing = null;
    }
  }

  /* ---- what is run ---- */

  /** Boots a machine, goes to a position of its run, and has another tree beside it where one is given. */
  open(setup: RunSetup, position?: Position, beside: TreeName | null = null): Promise<boolean> {
    return this.#exclusively('booting', async () => {
      this.lockstep = null;
      await this.b.close();
      await this.a.open(setup);
      if (beside !== null) await this.b.open({ ...setup, tree: beside });
      if (position !== undefined) {
        for (const machine of this.#machines()) this.#stands(await this.client.request('seek', { side: machine.side, position }));
      }
      this.selection = NOTHING;
      await this.a.readScreen();
      if (beside !== null) this.lockstep = await this.client.request('lockstep', {});
      await this.refreshAll();
    });
  }

  /** The machine that is there, booted anew with bash on it. */
  openConsole(): Promise<boolean> {
    const machine = this.a.setup?.machine ?? { kind: 'preset', name: 'pmkit' };
    return this.open({ machine: machine.kind === 'own' ? { kind: 'preset', name: 'pmkit' } : machine, tree: this.a.series?.tree ?? '10', script: { kind: 'console', lines: [] } });
  }

  #machines(): Machine[] { return this.isLockstep ? [this.a, this.b] : [this.a]; }

  async refreshAll(): Promise<void> {
    await Promise.all(this.#machines().map(machine => machine.refresh(this.dimension)));
    await this.#readSelected();
  }

  async setDimension(dimension: Dimension): Promise<void> {
    this.dimension = dimension;
    await this.#guarded(() => this.refreshAll());
  }

  /** Goes to another level: under the running machine, or with a reboot. */
  move(to: TreeName, how: MoveHow): Promise<boolean> {
    return this.#exclusively(how === 'live' ? 'exchanging code' : 'booting', async () => {
      const moved = await this.client.request('move', { side: 'a', to, how });
      if (!moved.moved) {
        this.message = moved.message;
        return;
      }
      this.a.series = moved.series;
      this.#stands(moved.standing);
    });
  }

  /* ---- time ---- */

  step(unit: StepUnit, count = 1): Promise<boolean> {
    if (this.isLockstep) return this.#inLockstep('stepping', 'lockstepStep');
    return this.#exclusively('stepping', async () => this.#stands(await this.client.request('step', { side: 'a', unit, count })));
  }

  back(unit: StepUnit, count = 1): Promise<boolean> {
    return this.#exclusively('going back', async () => {
      for (const { side } of this.#machines()) this.#stands(await this.client.request('back', { side, unit: this.isLockstep ? 'call' : unit, count }));
      await this.#compare();
    });
  }

  seek(position: Position): Promise<boolean> {
    return this.#exclusively('going there', async () => {
      for (const { side } of this.#machines()) this.#stands(await this.client.request('seek', { side, position }));
      await this.#compare();
    });
  }

  rewind(): Promise<boolean> { return this.seek({ step: 0, event: 0 }); }

  run(speed = this.speed): Promise<boolean> {
    if (this.isLockstep) return this.#inLockstep('running', 'lockstepRun');
    return this.#exclusively('running', async () => this.#stands(await this.client.request('run', speed === null ? { side: 'a' } : { side: 'a', speed })));
  }

  async pause(): Promise<void> { await this.#guarded(async () => void (await this.client.request('pause', { side: 'a' }))); }

  async runOrPause(): Promise<void> {
    if (this.doing === 'running') await this.pause();
    else await this.run();
  }

  #inLockstep(what: string, request: 'lockstepStep' | 'lockstepRun'): Promise<boolean> {
    return this.#exclusively(what, async () => {
      const state = await this.client.request(request, {});
      this.#stands(state.a);
      this.#stands(state.b);
      this.lockstep = state;
    });
  }

  async #compare(): Promise<void> {
    if (this.isLockstep) this.lockstep = await this.client.request('lockstep', {});
  }

  /** Another level beside this one, both at the beginning; none leaves one machine alone. */
  async beside(tree: TreeName | null): Promise<void> {
    const { setup } = this.a;
    if (setup === null) return;
    if (tree !== null) {
      await this.open(setup, { step: 0, event: 0 }, tree);
      return;
    }
    await this.b.close();
    this.lockstep = null;
  }

  /* ---- the console ---- */

  type(line: string): Promise<boolean> {
    return this.#exclusively('running', async () => {
      const { standing } = this.a;
      // what was typed before is part of the run: one types at its end
      if (standing !== null && standing.prompt === null) this.#stands(await this.client.request('run', { side: 'a' }));
      this.#stands(await this.client.request('type', { side: 'a', line }));
    });
  }

  async interrupt(): Promise<void> { await this.#guarded(async () => void (await this.client.request('interrupt', { side: 'a' }))); }

  /* ---- what is chosen ---- */

  async select(chosen: Partial<Selection>): Promise<void> {
    this.selection = { ...this.selection, ...chosen };
    await this.#guarded(() => this.#readSelected());
  }

  async #readSelected(): Promise<void> {
    const { pfn, pid, address } = this.selection;
    const side = 'a';
    const read = this.selection;
    const [frame, space, why] = await Promise.all([
      pfn === null ? null : this.client.request('frame', { side, pfn }),
      pid === null || !this.a.tasks.some(task => task.pid === pid) ? null : this.client.request('addressSpace', { side, pid }),
      pid === null || address === null ? null : this.client.request('why', { side, pid, address }),
    ]);
    if (read !== this.selection) return;
    this.frame = frame;
    this.space = space;
    this.why = why;
    if (this.panel === 'trace') await this.readEvents();
  }

  /** The trace of the step that the machine is in, or has just done. */
  async readEvents(): Promise<void> {
    const { standing } = this.a;
    if (standing === null) return;
    const step = standing.position.event > 0 ? standing.position.step + 1 : standing.position.step;
    this.events = step === 0 ? [] : (await this.client.request('events', { side: 'a', step })).events;
  }

  async show(panel: Panel): Promise<void> {
    this.panel = panel;
    if (panel === 'trace') await this.#guarded(() => this.readEvents());
  }

  showPatch(name: string): Promise<void> {
    this.patch = name;
    return this.show('patch');
  }
}
