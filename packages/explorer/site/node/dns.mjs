export function lookup() {
  throw new Error('the page asks no other host');
}
