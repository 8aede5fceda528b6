/** The TypeScript sources of installed kernel packages: they come in the packages, beside what is built of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** Packages that pmkit's own package for the series depends on are resolved from there, as it would resolve them itself. */
const fromHere = createRequire(import.meta.url);
const fromSeries = createRequire(fromHere.resolve('@pmkit/series/package.json'));

const known = new Map<string, ReadonlyMap<string, string>>();

/**
 * All modules of a package: path below `src` with slashes (`mm/mmigrate.ts`) → text, sorted by path. The package is `@pmkit/series` or one that
 * it depends on. @throws {Error} when it is not installed, or came without sources.
 */
export function packageSources(name: string): ReadonlyMap<string, string> {
  let sources = known.get(name);
  if (sources === undefined) known.set(name, (sources = readSources(name)));
  return sources;
}

/** Where an installed package of the kit is. */
export const packageRoot = (name: string): string => path.dirname(fromSeries.resolve(`${name}/package.json`));

/** The licence that the packages come under. */
export const packageLicense = (): string => readFileSync(path.join(packageRoot('@pmkit/series'), 'LICENSE'), 'utf8');

function readSources(name: string): Map<string, string> {
  const root = path.join(packageRoot(name), 'src');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
  const sorted = files.map(file => file.split(path.sep).join('/')).sort();
  return new Map(sorted.map(file => [file, readFileSync(path.join(root, file), 'utf8')]));
}
