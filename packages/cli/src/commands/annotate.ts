/** pmkit annotate: which patch wrote each line. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { AnnotatedLine } from '@pmkit/review/diff';
import type { PatchEntry } from '@pmkit/series/stack';
import type { Context } from '../context.js';
import { patchLabel } from '../diff/labels.js';
import { treeOfWord } from '../diff/range.js';
import { CommandError, EXIT_MISUSE } from '../errors.js';
import { painter } from '../io.js';
import { NO_PAGER_HELP, NO_PAGER_OPTION, printPaged } from '../pager.js';
import { TREE_HELP } from '../tree-argument.js';

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('annotate')
    .description("Show which patch wrote each line of a file of the sources, or of a function, constant or type: as git blame does, with patches in the place of commits, and base for what none changed.")
    .argument('<file|symbol>', 'a file of the kernel (mm/mmigrate.c, or mmigrate.c where there is one), a module of the sources (mm/mmigrate.ts), or a name declared in one')
    .option('--at <level>', TREE_HELP, '10')
    .option(NO_PAGER_OPTION, NO_PAGER_HELP)
    .addHelpText('after', '\nExit code 2 for what is in no source.')
    .action(async (word, { at, pager }) => {
      const { io } = context;
      const { series } = await context.services();
      const applied = await treeOfWord(series, at);
      const paint = painter(io);
      const parts = await partsNamed(applied, word);
      if (parts.length === 0) throw new CommandError(EXIT_MISUSE, `pmkit annotate: found no file and no symbol ${word} at level ${at}; expected one of the sources, such as mm/mmigrate.c`);
      const texts = parts.map(({ module, lines }) => {
        const patches = [null, ...applied].filter(patch => lines.some(line => line.patch === patch));
        const legend = patches.map(patch => `${patchLabel(patch).padEnd(4)}  ${patch?.name ?? series.base}`);
        const digits = String(lines.at(-1)?.number ?? 0).length;
        const text = lines.map(line => `${labelText(line.patch, paint)} ${String(line.number).padStart(digits)}) ${line.text}`.trimEnd());
        return [paint('bold', module), ...legend, '', ...text].map(line => `${line}\n`).join('');
      });
      await printPaged(io, texts.join('\n'), pager);
    });
}

/** The part of a module that a word means. */
interface Part {
  readonly module: string;
  readonly lines: readonly AnnotatedLine[];
}

async function partsNamed(applied: readonly PatchEntry[], word: string): Promise<Part[]> {
  const { annotate, modulesNamed } = await import('@pmkit/review/diff');
  const modules = modulesNamed(applied, word);
  if (modules.length > 0) return modules.map(module => ({ module, lines: annotate(applied, module) }));
  const { symbolsOf } = await import('@pmkit/review');
  return symbolsOf(applied).filter(({ name }) => name === word).map(({ module, firstLine, lastLine }) => ({ module, lines: annotate(applied, module).slice(firstLine - 1, lastLine) }));
}

function labelText(patch: PatchEntry | null, paint: ReturnType<typeof painter>): string {
  return paint(patch === null ? 'dim' : 'yellow', patchLabel(patch).padEnd(4));
}
