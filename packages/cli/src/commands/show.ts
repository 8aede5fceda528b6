/** pmkit show: the page of a patch. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { findLevel } from '@pmkit/series/stack';
import type { Context } from '../context.js';
import { painter } from '../io.js';
import { orFail } from '../stack-options.js';
import { widthOf } from '../wrap.js';

export function build(context: Context): CommandUnknownOpts {
  return context
    .newCommand('show')
    .description(
      "Show a patch's page: what it is for, the diffstat of the original beside the symbols here, the claims it makes true, what it breaks, where text and code disagree, " +
        'its defects, what was said in review, what became of it in mainline, and the sources.',
    )
    .argument('<patch>', 'its name or a beginning of it, number or package; 0 or base for the tree below the series')
    .option('--json', 'print JSON (docs/schemas/patch.json)')
    .addHelpText('after', '\nBehaviours are shown as the catalogue expects them; pmkit matrix --patch PATCH runs them.')
    .action(async (word, options) => {
      const { io } = context;
      const services = await context.services();
      const entry = orFail(() => findLevel(services.series, word));
      const { behaviours } = await import('@pmkit/series/catalogue');
      const { patchPage, touchesOf } = await import('@pmkit/series/patches');
      const page = patchPage(services.series, entry, await touchesOf(services), services.behaviours ?? behaviours);
      if (options.json === true) {
        const { pageJson } = await import('../show/json.js');
        io.stdout(`${JSON.stringify(pageJson(page), null, 2)}\n`);
      } else {
        const { pageText } = await import('../show/text.js');
        io.stdout(pageText(page, { width: widthOf(io), paint: painter(io) }));
      }
    });
}
