/** Traps: what a shell does when it ends, or when a signal comes that it has asked for. */

/** Names as bash prints them, `EXIT` and `SIGTERM`, with the text to run; '' ignores the signal. */
export class Traps {
  readonly #texts = new Map<string, string>();
  /** The EXIT trap runs once. */
  #ended = false;

  set(name: string, text: string | null): void {
    if (text === null) this.#texts.delete(name);
    else this.#texts.set(name, text);
  }
  get(name: string): string | undefined {
    return this.#texts.get(name);
  }
  get all(): ReadonlyMap<string, string> {
    return this.#texts;
  }
  /** The text of the EXIT trap, the first time it is asked for. */
  takeExit(): string {
    if (this.#ended) return '';
    this.#ended = true;
    return this.#texts.get('EXIT') ?? '';
  }
}
