/** How things are called on the page. */
import type { Position, RunSetup, TreeName } from '../protocol.js';

const whole = new Intl.NumberFormat('en');
export const count = (n: number): string => whole.format(n);

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;
export function bytes(n: number): string {
  let [value, unit] = [n, 0];
  while (value >= 1024 && unit < UNITS.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${value >= 10 ? Math.round(value) : Math.round(value * 10) / 10} ${UNITS[unit]!}`;
}

export const hex = (n: number): string => n.toString(16).padStart(8, '0');
export const at = ({ step, event }: Position): string => (event === 0 ? `step ${count(step)}` : `step ${count(step + 1)}, event ${count(event)}`);
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`;

/** `N5=8192 N6=12` */
export const byNode = (nodes: Readonly<Record<number, number>>): string => Object.entries(nodes).map(([node, pages]) => `N${node}=${count(pages)}`).join(' ');

export const scriptName = ({ script }: RunSetup): string => (script.kind === 'behaviour' ? script.id : (script.name ?? 'a script of yours'));
export const machineName = ({ machine }: RunSetup): string => (machine.kind === 'preset' ? machine.name : machine.kind === 'own' ? 'its own machine' : `${machine.nodes} nodes of ${count(machine.pagesPerNode)} frames`);

export const levelOf = (tree: TreeName): number => Number.parseInt(tree, 10);
export const withHotplug = (tree: TreeName): boolean => tree.includes('+');
export const treeName = (level: number, hotplug: boolean): TreeName => (hotplug ? `${level}+hotplug` : String(level));
