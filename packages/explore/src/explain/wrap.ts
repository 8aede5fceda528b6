/** A space at which no line is broken; it is printed as a space. */
export const NBSP = '\u00a0';

/** The text with such spaces as others. */
export const plain = (text: string): string => text.replaceAll(NBSP, ' ');

/**
 * Breaks a line between words; a word that is longer than a line is cut, at such a space if it has one.
 * @param indent of the further lines, in columns.
 */
export function wrap(text: string, room: number, indent = 2): string[] {
  const lines: string[] = [];
  const margin = /^ */.exec(text)![0];
  let line = '';
  for (const word of text.slice(margin.length).split(/(?<=[^ ]) /).flatMap(whole => (whole.length > room - indent ? whole.split(NBSP) : [whole])).flatMap(part => pieces(part, room - indent))) {
    if (line === '') line = margin + word;
    else if (line.length + 1 + word.length <= room) line = `${line} ${word}`;
    else {
      lines.push(line);
      line = ' '.repeat(indent) + word;
    }
  }
  return [...lines, line].map(plain);
}

function pieces(word: string, room: number): string[] {
  const parts: string[] = [];
  for (let i = 0; i < word.length; i += room) parts.push(word.slice(i, i + room));
  return parts.length === 0 ? [''] : parts;
}
