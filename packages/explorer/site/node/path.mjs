import path from 'path-browserify';

export default path;
export const { basename, delimiter, dirname, extname, isAbsolute, join, normalize, parse, posix, relative, resolve, sep, win32 } = path;
