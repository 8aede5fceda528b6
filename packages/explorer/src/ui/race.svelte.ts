/** A race that was opened: its swim lanes in the order of the file, and in the other order once the pair that decides is known. */
import type { Client } from '../engine/client.js';
import type { RaceOrder, RacePoint, RaceView } from '../protocol.js';
import { preparedIndex, preparedRace } from './scripts.js';

export class Race {
  readonly #client: Client;
  recorded = $state.raw<RaceView | null>(null);
  otherwise = $state.raw<RaceView | null>(null);
  order = $state<RaceOrder>('recorded');
  point = $state.raw<RacePoint | null>(null);
  /** Name of the race when it is one of the kit's. */
  known = $state<string | null>(null);
  isBusy = $state(false);
  message = $state<string | null>(null);
  readonly view = $derived(this.order === 'recorded' ? this.recorded : this.otherwise);

  constructor(client: Client) {
    this.#client = client;
  }

  async #do(work: () => Promise<void>): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    this.message = null;
    try {
      await work();
    } catch (error) {
      this.message = error instanceof Error ? error.message : String(error);
    } finally {
      this.isBusy = false;
    }
  }

  /** @param text of a replay file */
  open(text: string, name: string): Promise<void> { return this.#do(() => this.#open(text, name, null)); }

  /** One that came with the page. */
  openKnown(name: string): Promise<void> {
    return this.#do(async () => {
      const race = (await preparedIndex()).races.find(one => one.name === name);
      if (race !== undefined) await this.#open(await preparedRace(race.file), race.name, race.name);
    });
  }

  async #open(text: string, name: string, known: string | null): Promise<void> {
    this.recorded = await this.#client.request('raceOpen', { text, name });
    this.known = known;
    this.otherwise = null;
    this.order = 'recorded';
    this.point = await this.#client.request('raceSeek', { order: 'recorded', step: 0 });
  }

  /** Looks for the two steps whose order decides, and runs them the other way round. */
  explain(): Promise<void> {
    return this.#do(async () => {
      const explained = await this.#client.request('raceExplain', {});
      this.recorded = explained;
      if (explained.pair !== null) this.otherwise = await this.#client.request('raceOtherwise', {});
    });
  }

  seek(order: RaceOrder, step: number): Promise<void> {
    return this.#do(async () => {
      this.point = await this.#client.request('raceSeek', { order, step: Math.max(0, step) });
      this.order = order;
    });
  }
}
