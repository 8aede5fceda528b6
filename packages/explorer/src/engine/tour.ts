import type { PageState } from './permalink.js';
export const TOUR: readonly { readonly title: string; readonly text: readonly string[]; readonly state: PageState }[] = [];
