/** All generated pages. */
import { jsonSchemas } from '../schemas.js';
import { behavioursPage } from './behaviours.js';
import { pageFile, type DocsInput } from './input.js';
import { overviewPage } from './overview.js';
import { indexPage, patchPageText } from './series.js';

/** Directories in which every file is generated: anything else there is left over. */
export const GENERATED_DIRECTORIES = ['series', 'schemas'] as const;

/** Contents by path below docs/, with slashes. The same input gives the same bytes. */
export function docsPages(input: DocsInput): ReadonlyMap<string, string> {
  return new Map([
    ['behaviours.md', behavioursPage(input)],
    ['overview.md', overviewPage()],
    ['series/README.md', indexPage(input)],
    ...[undefined, ...input.series.entries].map((entry): [string, string] => [`series/${pageFile(entry)}`, patchPageText(input, entry)]),
    ...Object.entries(jsonSchemas()).map(([name, schema]): [string, string] => [`schemas/${name}`, `${JSON.stringify(schema, null, 2)}\n`]),
  ]);
}
