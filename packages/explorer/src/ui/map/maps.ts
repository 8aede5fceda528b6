/** The maps that are on the page, for what takes pictures of them. */
import type { MachineView } from '../../draw/canvas/machine-view.js';
import type { Side } from '../../protocol.js';

export const maps = new Map<Side, MachineView>();
