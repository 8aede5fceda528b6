/** What the keyboard does anywhere on the page but in fields. */
import { PANELS, type Session } from './session.svelte.js';
import { levelOf, treeName, withHotplug } from './words.js';

interface Shortcut { readonly keys: string; readonly does: string }
export const SHORTCUTS: readonly Shortcut[] = [
  { keys: 'space', does: 'run, or pause' },
  { keys: 'e c p', does: 'on by an event, a system call, a page' },
  { keys: 'E C P', does: 'back by an event, a system call, a page' },
  { keys: 'Home', does: 'rewind to the beginning' },
  { keys: '] [', does: 'push the next patch, pop the topmost one' },
  { keys: '1 … 7', does: 'process, trace, patch, console, compare, races, tour' },
  { keys: 'k', does: 'colour frames by the next of kind, state, owner, origin' },
  { keys: 'o', does: 'choose what runs' },
  { keys: 't', does: 'dark or light' },
  { keys: '?', does: 'this list' },
];

/** What keys ask the page itself to do. */
export interface PageCommands { readonly help: () => void; readonly choose: () => void; readonly toggleTheme: () => void; readonly nextDimension: () => void }

function move(session: Session, by: number): void {
  const tree = session.a.series?.tree;
  if (tree !== undefined && !session.isLockstep) void session.move(treeName(levelOf(tree) + by, withHotplug(tree)), 'live');
}

/** What a key does, if it does anything. */
export function commandFor(key: string, session: Session, page: PageCommands): (() => unknown) | undefined {
  const panel = PANELS[Number(key) - 1];
  if (panel !== undefined) return () => session.show(panel);
  switch (key) {
    case ' ': return () => session.runOrPause();
    case 'e': return () => session.step('event');
    case 'c': return () => session.step('call');
    case 'p': return () => session.step('page');
    case 'E': return () => session.back('event');
    case 'C': return () => session.back('call');
    case 'P': return () => session.back('page');
    case 'Home': return () => session.rewind();
    case ']': return () => move(session, 1);
    case '[': return () => move(session, -1);
    case 'k': return page.nextDimension;
    case 'o': return page.choose;
    case 't': return page.toggleTheme;
    case '?': return page.help;
    default: return undefined;
  }
}
