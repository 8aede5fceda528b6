/** The files of this computer are not the page's. */
const none = () => {
  throw new Error('there are no files of a computer here');
};
export const existsSync = () => false;
export { none as lstatSync, none as openSync, none as readFileSync, none as readSync, none as closeSync, none as fstatSync, none as opendirSync, none as realpathSync, none as readdirSync, none as readlinkSync, none as statSync, none as writeFileSync };
export const constants = {};
export const promises = {};
export default { existsSync, constants, promises };
