/**
 * Scripts parsed. just-bash never comes back from an old arithmetic expansion inside another (`$[$[a + 1] / 2]`, which bash has had since before
 * `$((…))` and scripts of its time use), so a text that has one is given to it in the form of POSIX.
 */
import { parse, type ScriptNode } from 'just-bash';

/** The tree of a script. @throws what just-bash's parser has against it. */
export const parseScript = (text: string): ScriptNode => parse(posixArithmetic(text));

/** The text with `$[…]` as `$((…))` where it means that, if one may be inside another; else as it is. Lines stay lines. */
export const posixArithmetic = (text: string): string => (MAY_BE_NESTED.test(text) ? new Scanner(text, 'code').whole() : text);
/** Of one `$[` in the text just-bash makes what bash does. */
const MAY_BE_NESTED = /\$(?:\[|\(\()[\s\S]*\$\[/;

/** What quotes mean: code as anywhere in a script, or text that is expanded only, as between double quotes. */
type Quoting = 'code' | 'text';
interface Frame { readonly quoting: Quoting; readonly close: string; readonly closeAs: string }
interface HereDocument { readonly delimiter: string; readonly quoted: boolean; readonly tabs: boolean }

/** Goes over a script once, knowing quotes, comments, here-documents and brackets: enough to see where `$[` begins and ends. */
class Scanner {
  readonly #text: string;
  readonly #frames: Frame[];
  readonly #documents: HereDocument[] = [];
  #at = 0;
  #out = '';

  constructor(text: string, quoting: Quoting) {
    this.#text = text;
    this.#frames = [{ quoting, close: '', closeAs: '' }];
  }

  whole(): string {
    while (this.#at < this.#text.length) this.#step();
    return this.#out;
  }

  get #top(): Frame {
    return this.#frames.at(-1)!;
  }

  #copy(length: number): void {
    this.#out += this.#text.slice(this.#at, this.#at + length);
    this.#at += length;
  }

  /** Copies up to and with the next `end`, or all that is left. */
  #copyTo(end: string, from: number): void {
    const found = this.#text.indexOf(end, from);
    this.#copy((found < 0 ? this.#text.length : found + end.length) - this.#at);
  }

  #open(length: number, frame: Frame, as = this.#text.slice(this.#at, this.#at + length)): void {
    this.#frames.push(frame);
    this.#out += as;
    this.#at += length;
  }

  #step(): void {
    const { quoting, close, closeAs } = this.#top;
    const two = this.#text.slice(this.#at, this.#at + 2);
    const [char = ''] = two;
    if (char === '\\') this.#copy(2);
    else if (char === close) {
      this.#frames.pop();
      this.#out += closeAs;
      this.#at++;
    } else if (two === '$[') this.#open(2, { quoting: 'text', close: ']', closeAs: '))' }, '$((');
    else if (two === '$(') this.#open(2, { quoting: 'code', close: ')', closeAs: ')' });
    else if (two === '${') this.#open(2, { quoting, close: '}', closeAs: '}' });
    else if (char === '"') this.#open(1, { quoting: 'text', close: '"', closeAs: '"' });
    else if (char === '[' && close === ']') this.#open(1, { quoting, close, closeAs: ']' });
    else if (quoting === 'code') this.#stepCode(char, two);
    else this.#copy(1);
  }

  #stepCode(char: string, two: string): void {
    if (two === "$'") this.#copy(/^\$'(?:[^'\\]|\\[\s\S])*'?/.exec(this.#text.slice(this.#at))![0].length);
    else if (char === "'") this.#copyTo("'", this.#at + 1);
    else if (char === '(') this.#open(1, { quoting: 'code', close: ')', closeAs: ')' });
    else if (char === '#' && /(?:^|[\s;&|(])$/.test(this.#text.slice(0, this.#at).slice(-1))) this.#copyTo('\n', this.#at);
    else if (two === '<<') this.#hereDocument();
    else {
      this.#copy(1);
      if (char === '\n') for (const document of this.#documents.splice(0)) this.#body(document);
    }
  }

  /** `<<WORD`, noted for the next end of a line; `<<<` and shifts are only copied. */
  #hereDocument(): void {
    const found = /^<<(-?)[ \t]*(?:'([^'\n]*)'|"([^"\n]*)"|(\\?)([A-Za-z_]\w*))/.exec(this.#text.slice(this.#at, this.#at + 200));
    if (found === null) {
      this.#copy(this.#text.startsWith('<<<', this.#at) ? 3 : 2);
      return;
    }
    const [all, tabs, single, double, escape, bare] = found;
    this.#documents.push({ delimiter: single ?? double ?? bare ?? '', quoted: bare === undefined || escape !== '', tabs: tabs !== '' });
    this.#copy(all.length);
  }

  #body({ delimiter, quoted, tabs }: HereDocument): void {
    const start = this.#at;
    let end = start;
    for (;;) {
      const next = this.#text.indexOf('\n', end);
      const line = this.#text.slice(end, next < 0 ? undefined : next);
      if ((tabs ? line.replace(/^\t+/, '') : line) === delimiter) break;
      if (next < 0) return; // it never ends: not a here-document after all
      end = next + 1;
    }
    const body = this.#text.slice(start, end);
    this.#out += quoted ? body : new Scanner(body, 'text').whole();
    this.#at = end;
  }
}
