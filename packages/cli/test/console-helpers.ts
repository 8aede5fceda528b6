/** A person at pmkit shell, or a script in pmkit run, without a terminal: an Io whose input is the test's. */
import { migrationSeries, linkLevel } from '@pmkit/series/stack';
import { run } from '../src/index.js';
import type { Io, LineOptions } from '../src/io.js';
import { quickServices, scratch, type Answer } from './helpers.js';

export interface Typed {
  /** Lines that are typed, each when it is asked for; undefined is Ctrl-C. A function is called instead, and asked again. */
  readonly lines?: readonly (string | undefined | ((options: LineOptions) => void))[];
  /** All of standard input. */
  readonly text?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly isTTY?: boolean;
  readonly cwd?: string;
}

/** Runs `pmkit` with these words; prompts are part of what is printed, as on a terminal. `screen` is both outputs in the order in which they came. */
export async function pmkit(argv: readonly string[], { lines = [], text = '', env = {}, isTTY = false, cwd = scratch() }: Typed = {}): Promise<Answer & { readonly screen: string }> {
  let out = '';
  let err = '';
  let screen = '';
  const left = [...lines];
  const io: Io = {
    stdout: printed => { out += printed; screen += printed; },
    stderr: printed => { err += printed; screen += printed; },
    cwd, env, isTTY, stderrIsTTY: isTTY,
    stdin: {
      isTTY,
      text: () => Promise.resolve(text),
      lines: options => ({
        next: prompt => {
          screen += prompt;
          for (;;) {
            const line = left.length === 0 ? null : left.shift();
            if (typeof line !== 'function') return Promise.resolve(line);
            line(options);
          }
        },
        close: () => undefined,
      }),
    },
  };
  const code = await run(argv, io, { services: { ...quickServices, series: migrationSeries, linkLevel } });
  return { code, out, err, screen };
}
