/** What the engine asks of where it runs: it has no clock and no event loop of its own. */
export interface Host {
  /** Lets requests that have come be answered; resolves in a turn of its own. */
  breathe(): Promise<void>;
  /** Real ms, for nothing but to know when to breathe. */
  now(): number;
  sleep(ms: number): Promise<void>;
}
