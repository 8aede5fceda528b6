/** The series for quilt: the tree below it, and patches/ with a series file. */
import { formatSeriesFile, migrationSeries } from '@pmkit/series/stack';
import { SUMS, sumsText } from './added.js';
import { rfcDate } from './mbox.js';
import { seriesPatches, type SeriesPatch } from './patches.js';
import { placeDirectory, writeTree, type PlaceOptions } from './place.js';
import { projectFiles } from './project.js';

const patchText = ({ message: { author, address, date, subject, body }, diffstat, diff }: SeriesPatch): string =>
  `From: ${author} <${address}>\nDate: ${rfcDate(date)}\nSubject: ${subject}\n\n${body}---\n${diffstat}\n${diff}`;

/** The directory's files: path → text. */
function quiltFiles(): Map<string, string> {
  const patches = seriesPatches().map(patch => [`patches/${patch.entry.name}`, patchText(patch)] as const);
  const files = new Map([...projectFiles([]), ...patches, ['patches/series', formatSeriesFile(migrationSeries)]]);
  return files.set(SUMS, sumsText(files));
}

/**
 * Writes the directory; `quilt push -a` in it applies the series.
 * @throws {ExportError} when the place is taken.
 */
export function exportQuilt(directory: string, options: PlaceOptions = {}): void {
  placeDirectory(directory, options, aside => writeTree(aside, quiltFiles()));
}
