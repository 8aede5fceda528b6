/**
 * printf("%.*f") of glibc: like toFixed(), but what lies exactly in the middle goes to the even neighbour. Sizes in MB are
 * such numbers: 8 pages of 16 KB are 0.125 MB, which C prints as 0.12.
 */
export function fixed(value: number, places: number): string {
  const scale = 10 ** places;
  const scaled = value * scale;
  const below = Math.floor(scaled);
  if (scaled - below !== 0.5 || scaled / scale !== value) return value.toFixed(places);
  return ((below % 2 === 0 ? below : below + 1) / scale).toFixed(places);
}
