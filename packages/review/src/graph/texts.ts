/**
 * Would a diff still be applied? The text of a symbol is made anew without some patches, from the differences between the versions that the packages hold. Comments do not
 * count: each package has its own.
 */
import { applyPatch, structuredPatch } from 'diff';
import { parseModule } from '../source/ast.js';
import { readModule } from '../source/module.js';
import { packageSources } from '../source/packages.js';

/** Lines of context, and how many of them patch(1) does without by itself. */
const CONTEXT = 3;
const FUZZ = 2;

/** The code of a symbol in a package, without comments and empty lines. @throws {RangeError} when its sources do not declare it. */
export function codeOf(packageName: string, symbol: string): string {
  for (const [file, source] of packageSources(packageName)) {
    // most modules need not be parsed
    if (file === 'index.ts' || !source.includes(symbol)) continue;
    const item = readModule(source).items.find(({ name, isExported, isValue }) => name === symbol && isExported && isValue);
    if (item !== undefined) return withoutComments(item.text);
  }
  throw new RangeError(`${packageName} does not declare ${symbol}`);
}

function withoutComments(text: string): string {
  let code = text;
  for (const { start, end } of parseModule(text).comments.toReversed()) code = code.slice(0, start) + code.slice(end);
  return code.split('\n').map(line => line.trimEnd()).filter(line => line !== '').map(line => `${line}\n`).join('');
}

/** What a patch, or the tree below, has of a symbol. */
export interface Version { readonly patch: string; readonly code: string }

/**
 * Applies the differences between versions one after the other, but for those of `absent`, as `quilt push` would apply diffs.
 * @param versions of one symbol, oldest first; the first is that of the tree below, or of the patch that adds it.
 * @returns the patches whose difference cannot be applied any more.
 */
export function conflicts(versions: readonly Version[], absent: ReadonlySet<string>): string[] {
  const failed: string[] = [];
  let text: string | null = null;
  for (const [at, { patch, code }] of versions.entries()) {
    if (absent.has(patch)) continue;
    const below = versions[at - 1];
    const applied: string | false = below === undefined ? code : text === null ? false : applyDifference(text, below.code, code);
    if (applied === false) failed.push(patch);
    else text = applied;
  }
  return failed;
}

/** The difference between two texts, applied to a third; false when it cannot be. */
const applyDifference = (text: string, from: string, to: string): string | false =>
  applyPatch(text, structuredPatch('', '', from, to, '', '', { context: CONTEXT }), { fuzzFactor: FUZZ });
