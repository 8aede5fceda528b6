/** Text broken to a width, by the same code that breaks the help. */
import { Help } from '@commander-js/extra-typings';

const help = Object.assign(new Help(), { minWidthToWrap: 10 });

/** The width to print for when nobody says: a pipe, or a terminal that does not tell. */
const DEFAULT_WIDTH = 100;

export const widthOf = ({ columns }: { readonly columns?: number | undefined }): number => Math.max(columns ?? DEFAULT_WIDTH, 40);

/** Lines of at most `width` characters, words left whole; every line begins with `indent`. */
export const wrap = (text: string, width: number, indent = ''): string[] =>
  help.boxWrap(text, width - indent.length).split('\n').map((line) => `${indent}${line}`);
