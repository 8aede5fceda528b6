/** fnmatch(3) without flags, in the locale C: * and ? match a slash and a leading point too. */
import { classes } from '../../regexp.js';

/** The pattern as a regular expression for all of a name. */
export function fnmatch(pattern: string, ignoreCase = false): RegExp {
  const source = pattern.replaceAll(/\\([^])|\[([!^]?)(\]?(?:\[:\w+:\]|[^\]])*)\]|[^]/g, (whole, escaped?: string, not?: string, inside?: string) => {
    if (escaped !== undefined) return literal(escaped);
    if (inside !== undefined) return `[${not === '' ? '' : '^'}${classes(inside.replaceAll(/\\(.)|[\\\]^]|\[(?!:)/g, (found, one?: string) => `\\${one ?? found}`))}]`;
    return whole === '*' ? '[^]*' : whole === '?' ? '[^]' : literal(whole);
  });
  try {
    return new RegExp(`^(?:${source})$`, ignoreCase ? 'iu' : 'u');
  } catch {
    return NOTHING; // a range that runs backwards, or a class that there is not
  }
}
const NOTHING = /^\b$/;
const literal = (text: string): string => text.replace(/[$()*+./?[\\\]^{|}-]/g, found => (found === '-' ? '-' : `\\${found}`));
