/** POSIX's regular expressions as JavaScript's. */

/** In a basic regular expression + ? | ( ) { } are themselves, and operators behind a backslash. */
export const fromBasic = (pattern: string): string => pattern.replace(/\\?[+?|(){}]/g, found => (found.length === 2 ? found.slice(1) : `\\${found}`));

/** [[:digit:]] and its like, for JavaScript. */
export const classes = (pattern: string): string => pattern.replace(/\[:(\w+):\]/g, (whole, name: string) => CLASSES[name] ?? whole);
const CLASSES: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9', alpha: 'A-Za-z', blank: ' \\t', digit: '0-9', lower: 'a-z', punct: '!-\\/:-@\\[-`{-~', space: '\\s', upper: 'A-Z', xdigit: '0-9A-Fa-f',
};
