/** What the page gives to keep: pictures of the machine, and the trace. */
import { sceneAsSvg } from '../../draw/canvas/scene.js';
import { colours } from '../../draw/palette.js';
import { maps } from '../map/maps.js';
import type { Session } from '../session.svelte.js';
import { ink, theme } from '../theme.svelte.js';
import { at, machineName, scriptName } from '../words.js';

function save(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // the download has begun once the click has been handled
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}

const fileName = (session: Session, extension: string): string => {
  const { step, event } = session.a.standing?.position ?? { step: 0, event: 0 };
  return `pmkit-level-${session.a.standing?.tree ?? '0'}-step-${step}${event === 0 ? '' : `-event-${event}`}.${extension}`;
};

export function savePng(session: Session): void {
  const canvas = document.querySelector<HTMLCanvasElement>('canvas[data-map="a"]');
  canvas?.toBlob(blob => {
    if (blob !== null) save(fileName(session, 'png'), blob);
  });
}

function svgOf(session: Session): string {
  const { setup, standing, legend } = session.a;
  const view = maps.get('a');
  if (view === undefined || setup === null || standing === null) throw new Error('there is no machine to draw');
  const classes = legend?.classes ?? [];
  const palette = colours(session.dimension, classes.length, theme.now);
  const shown = classes.map(({ name, frames }, i) => ({ name, frames, colour: palette[i]! })).filter(({ frames }) => frames > 0);
  return sceneAsSvg(view.scene(), ink(), `${machineName(setup)}, ${scriptName(setup)}, level ${standing.tree}, ${at(standing.position)}`, shown);
}

export function saveSvg(session: Session): void {
  save(fileName(session, 'svg'), new Blob([svgOf(session)], { type: 'image/svg+xml' }));
}

/** Steps of which the trace is written: the last ones. */
const TRACED = 500;

export async function saveTrace(session: Session): Promise<void> {
  const last = session.a.standing?.position.step ?? 0;
  if (last === 0) throw new Error('nothing has been done yet that could be traced');
  const trace = await session.client.request('chromeTrace', { side: 'a', first: Math.max(1, last - TRACED + 1), last });
  save(fileName(session, 'trace.json'), new Blob([trace], { type: 'application/json' }));
}
