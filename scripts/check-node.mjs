// Imported first by every script, for its effect. Kept to syntax that old releases of Node can read.
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`pmkit needs Node 20.19 or newer, and this is Node ${process.versions.node}.\n`);
  process.exit(2);
}
