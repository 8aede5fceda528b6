/** Where a file stands. */

/**
 * The package of a file, what part of it the file belongs to (src, test, …; undefined beside them) and the path from there.
 * @param {string} filename
 */
export function placeOf(filename) {
  const [, name, part, inside] = /^(?:.*\/)?packages\/([^/]+)\/(?:([^/]+)\/)?(.*)$/.exec(filename.replaceAll('\\', '/')) ?? [];
  return name === undefined ? null : { name, part, inside };
}
