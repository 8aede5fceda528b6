/** Dark or light: as the reader's system has it, until he says otherwise. */
import type { Ink } from '../draw/canvas/scene.js';
import type { Theme } from '../draw/palette.js';

const system = matchMedia('(prefers-color-scheme: light)');

class Themes {
  #chosen = $state<Theme | null>(null);
  #system = $state<Theme>(system.matches ? 'light' : 'dark');
  readonly now = $derived(this.#chosen ?? this.#system);

  constructor() {
    system.addEventListener('change', ({ matches }) => {
      this.#system = matches ? 'light' : 'dark';
    });
  }

  toggle(): void {
    this.#chosen = this.now === 'dark' ? 'light' : 'dark';
  }
}

export const theme = new Themes();

const INK: Readonly<Record<Theme, Ink>> = {
  dark: { paper: '#0d1420', line: '#33445a', text: '#e8eef5', accent: '#7cc4ff' },
  light: { paper: '#ffffff', line: '#b9c5d2', text: '#14202c', accent: '#0a5ca8' },
};
export const ink = (): Ink => INK[theme.now];
