/**
 * What the page shows and the worker does not know, made when the site is built: pages of the patches with their diffs, which take the kit's sources; scripts; races. Not for the browser.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { diffText, diffTrees } from '@pmkit/review/diff';
import { behaviours, type Behaviour } from '@pmkit/series/catalogue';
import { patchPage, touchesOf, type PatchPage } from '@pmkit/series/patches';
import { migrationSeries, touchedFiles, type PatchEntry } from '@pmkit/series/stack';
import { RACES, SCRIPTS } from './engine/choices-of-the-kit.js';
import type { PreparedBehaviour, PreparedIndex, PreparedPatch } from './protocol.js';

const root = new URL('..', import.meta.url);
const read = (path: string): string => readFileSync(fileURLToPath(new URL(path, root)), 'utf8');

/**
 * All of it, by the name under which the page asks for it: `index`, `patches/NAME`, `races/NAME`.
 */
export async function prepare(): Promise<Record<string, unknown>> {
  const touches = await touchesOf({ series: migrationSeries, touchedFiles });
  const { entries } = migrationSeries;
  const pages = [undefined, ...entries].map(entry => preparedPatch(patchPage(migrationSeries, entry, touches, behaviours), entry));
  const races = raceTexts();
  const { version } = JSON.parse(read('package.json')) as { readonly version: string };
  const index: PreparedIndex = {
    kit: version,
    patches: pages.map(({ name, number, summary }) => ({ name, number, summary, file: `patches/${name}` })),
    scripts: SCRIPTS.map(({ name, title, script }) => ({ name, title, script: typeof script === 'function' ? script(read('../../scenarios/overview.sh')) : script })),
    races: [...races.keys()].map(name => ({ name, title: RACES[name] ?? name, file: `races/${name}` })),
  };
  return Object.fromEntries<unknown>([['index', index], ...pages.map(page => [`patches/${page.name}`, page] as const), ...[...races].map(([name, text]) => [`races/${name}`, text] as const)]);
}

/** Replay files, as pmkit explore --save has written them. */
function raceTexts(): ReadonlyMap<string, string> {
  const names = readdirSync(fileURLToPath(new URL('races', root))).filter(file => file.endsWith('.json')).sort();
  return new Map(names.map(file => [file.replace(/\.json$/, ''), read(`races/${file}`)]));
}

function preparedPatch(page: PatchPage, entry: PatchEntry | undefined): PreparedPatch {
  const { name, number, package: from, summary, after, facts, files, behaviours: found } = page;
  const { author, mail, purpose, needs, remarks, reviews, lineage, sources } = facts;
  return {
    name, number, package: from, summary, after, author, mail, purpose, needs, files, remarks, reviews, lineage, sources,
    behaviours: {
      breaks: found.breaks.map(preparedBehaviour), claims: found.claims.map(preparedBehaviour), holds: found.holds.map(preparedBehaviour),
      discrepancies: found.discrepancies.map(preparedBehaviour), defects: found.defects.map(preparedBehaviour), changedDefects: found.changedDefects.map(preparedBehaviour),
    },
    diff: entry === undefined ? '' : diffOf(entry),
  };
}

/** Without what only a program can use: the scenario. */
const preparedBehaviour = ({ id, kind, sentence, sources, expect }: Behaviour): PreparedBehaviour => ({ id, kind, sentence, sources, expect });

function diffOf(entry: PatchEntry): string {
  const { entries } = migrationSeries;
  const at = entries.indexOf(entry);
  return diffTrees(entries.slice(0, at), entries.slice(0, at + 1)).map(diffText).join('');
}
