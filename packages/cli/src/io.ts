/** What a command sees of the world. Tests hand in their own; only bin.ts, and what it alone loads, touches `process`. */
export interface Io {
  stdout(text: string): void;
  stderr(text: string): void;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether standard output is a terminal. */
  readonly isTTY: boolean;
  /** Whether standard error is one: where progress is drawn. */
  readonly stderrIsTTY: boolean;
  /** Width of that terminal. */
  readonly columns?: number | undefined;
  /** Shows text in a program of the user's and waits until that is left; absent where there is no terminal. */
  readonly page?: (command: string, text: string) => Promise<void>;
  /** Opens an address in the user's browser; absent where there is nobody to see it. */
  readonly openUrl?: (url: string) => Promise<void>;
  /** Standard input; absent where there is none. */
  readonly stdin?: Input;
}

export interface Input {
  readonly isTTY: boolean;
  /** All of it. */
  text(): Promise<string>;
  /** Lines as they are typed; `complete` is asked what may stand behind what is typed. */
  lines(options: LineOptions): Lines;
}
export interface LineOptions {
  /** What a word may become: the candidates, and the part of the line that they replace. */
  complete(line: string): readonly [readonly string[], string];
  /** Ctrl-C while no line is being read. */
  interrupted(): void;
}
export interface Lines {
  /** The next line; null at the end, undefined when it was given up. */
  next(prompt: string): Promise<string | null | undefined>;
  close(): void;
}

export type ColorWhen = 'always' | 'auto' | 'never';
export type Color = 'green' | 'yellow' | 'red' | 'cyan' | 'bold' | 'dim';
const CODES: Readonly<Record<Color, readonly [number, number]>> = { green: [32, 39], yellow: [33, 39], red: [31, 39], cyan: [36, 39], bold: [1, 22], dim: [2, 22] };

/** Paints text, or leaves it as it is: in a pipe, and where NO_COLOR is set (https://no-color.org). */
export function painter(io: Io, when: ColorWhen = 'auto'): (color: Color, text: string) => string {
  const noColor = (io.env['NO_COLOR'] ?? '') !== '' || io.env['TERM'] === 'dumb';
  const on = when === 'always' || (when === 'auto' && io.isTTY && !noColor);
  return (color, text) => {
    if (!on) return text;
    const [start, end] = CODES[color];
    return `\u001b[${start}m${text}\u001b[${end}m`;
  };
}
