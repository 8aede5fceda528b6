/** Progress on standard error: a bar that is drawn over on a terminal, a plain line for each new part elsewhere. */
import type { Io } from './io.js';

const WIDTH = 30;

export interface Progress {
  show(what: string, done: number, total: number): void;
  /** Removes the bar. */
  clear(): void;
}

export function progressOn(io: Io): Progress {
  let last = '';
  if (io.stderrIsTTY) {
    const clear = (): void => {
      if (last !== '') io.stderr('\r\u001b[K');
      last = '';
    };
    return {
      show: (what, done, total) => {
        const filled = Math.round((WIDTH * done) / total);
        const bar = `[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${what}`.slice(0, (io.columns ?? 80) - 1);
        if (bar === last) return;
        last = bar;
        io.stderr(`\r\u001b[K${bar}`);
      },
      clear,
    };
  }
  return {
    show: (what) => {
      if (what === last) return;
      last = what;
      io.stderr(`${what}\n`);
    },
    clear: () => undefined,
  };
}

/** Work in parts, with a bar where standard error is a terminal: a log file is not worth one. @param part what a part is called. */
export async function withBar<T>(io: Io, part: string, work: (told: (done: number, total: number) => void) => Promise<T>): Promise<T> {
  const progress = progressOn(io);
  try {
    return await work((done, total) => {
      if (io.stderrIsTTY) progress.show(`${part} ${done} of ${total}`, done, total);
    });
  } finally {
    progress.clear();
  }
}
