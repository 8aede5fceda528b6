export function randomBytes() {
  throw new Error('the machine has no chance but its own');
}
