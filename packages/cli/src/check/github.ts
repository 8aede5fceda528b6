/**
 * A checked patch as workflow commands of GitHub Actions, which become annotations beside the lines they are about: `::warning file=…,line=…,title=…::…`.
 *
 * A step shows ten annotations of a kind, so those of one check about one line are one. Source of the escapes: packages/core/src/command.ts of actions/toolkit.
 */
import type { Check, CheckCase, CheckReport } from '@pmkit/review/check';

/** Failures first. */
export function githubCommands({ patch, checks }: CheckReport): string {
  const annotations = checks.flatMap((check) => grouped(check).map((cases) => annotation(check, cases, patch)));
  return annotations.sort((a, b) => Number(b.startsWith('::error')) - Number(a.startsWith('::error'))).map((line) => `${line}\n`).join('');
}

/** What is not as it should be, by kind and place. */
function grouped({ cases }: Check): CheckCase[][] {
  const groups = new Map<string, CheckCase[]>();
  for (const it of cases.filter(({ status }) => status !== 'pass')) {
    const key = `${it.status} ${it.place?.file ?? ''}:${it.place?.line ?? 0}`;
    groups.set(key, [...(groups.get(key) ?? []), it]);
  }
  return [...groups.values()];
}

function annotation({ id }: Check, cases: readonly CheckCase[], patch: string): string {
  const { status, place } = cases[0]!;
  const title = `pmkit ${id}: ${cases.length === 1 ? cases[0]!.name : `${cases.length} of ${patch}`}`;
  const properties = { ...(place === null ? {} : { file: place.file, line: String(place.line) }), title };
  const message = cases.length === 1 ? cases[0]!.text : cases.map(({ name, text }) => `${name}\n${text}`).join('\n\n');
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escapedProperty(value)}`).join(',');
  return `::${status === 'fail' ? 'error' : 'warning'} ${list}::${escapedData(message)}`;
}

const escapedData = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const escapedProperty = (text: string): string => escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
