/** A dependency in words: a sentence for each way in which one patch needs another. */
import type { Dependency, UseWitness } from './model.js';

/** How a dependency is known, in the order in which it is told. */
export type Kind = 'symbol' | 'use' | 'type' | 'build' | 'behaviour' | 'file' | 'stated';
export interface Reason { readonly kind: Kind; readonly text: string }

/** All that speaks for a dependency. That the tree does not build is only told where nothing else says why. */
export function reasonsOf({ textual, uses, behavioural, gone, stated }: Dependency): Reason[] {
  const symbols = textual.flatMap(({ file, symbol, conflict }) =>
    symbol === null ? [] : [reason('symbol', `${symbol} in ${file} is written over it${conflict ? '; as a diff it would not be applied' : ''}`)]);
  const files = textual.flatMap(({ file, symbol }) => (symbol === null ? [file] : []));
  const used = grouped(uses).map(([first, names]) => reason(first.how === 'type' ? 'type' : 'use', useText(first, names)));
  const isExplained = symbols.length > 0 || used.some(({ kind }) => kind === 'use');
  return [
    ...symbols,
    ...used,
    ...(isExplained ? [] : gone.map(text => reason('build', text.split('\n').at(-1)!))),
    ...behavioural.map(({ behaviour, seen, without }) => reason('behaviour', `${behaviour}: ${without} in place of ${seen}`)),
    ...(files.length === 0 ? [] : [reason('file', `${files.join(', ')} ${files.length === 1 ? 'is' : 'are'} changed by both`)]),
    ...(stated ? [reason('stated', 'the page of the patch says so')] : []),
  ];
}

const reason = (kind: Kind, text: string): Reason => ({ kind, text });

/** Uses of one kind by one function or module belong together. */
function grouped(uses: readonly UseWitness[]): [UseWitness, string[]][] {
  const groups = new Map<string, [UseWitness, string[]]>();
  for (const use of uses) {
    const key = `${use.how} ${use.by}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [use, [use.symbol]]);
    else group[1].push(use.symbol);
  }
  return [...groups.values()];
}

function useText({ how, by }: UseWitness, names: readonly string[]): string {
  switch (how) {
    case 'calls':
      return `${by}() calls ${names.map(name => `${name}()`).join(', ')}`;
    case 'prototype':
      return `${by}() calls ${names.map(name => `${name}()`).join(', ')} by the new prototype`;
    case 'imports':
      return `${by} imports ${names.join(', ')}`;
    case 'type':
      return `${by} imports the type ${names.join(', ')}`;
  }
}
