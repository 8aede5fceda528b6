/** strerror(3). */
import { errnoName } from '@pmkit/mm-core/model/errno-name';

/** Texts of glibc 2.3 for the errno that the simulated kernel returns. @param errno positive. */
export function strerror(errno: number): string {
  return TEXTS[errnoName(-errno)] ?? `Unknown error ${errno}`;
}
const TEXTS: Readonly<Record<string, string>> = {
  '-EPERM': 'Operation not permitted', '-ENOENT': 'No such file or directory', '-ESRCH': 'No such process', '-EINTR': 'Interrupted system call', '-EIO': 'Input/output error',
  '-ENXIO': 'No such device or address', '-E2BIG': 'Argument list too long', '-ENOEXEC': 'Exec format error', '-EBADF': 'Bad file descriptor', '-ECHILD': 'No child processes',
  '-EAGAIN': 'Resource temporarily unavailable', '-ENOMEM': 'Cannot allocate memory', '-EACCES': 'Permission denied', '-EFAULT': 'Bad address', '-ENOTBLK': 'Block device required',
  '-EBUSY': 'Device or resource busy', '-EEXIST': 'File exists', '-EXDEV': 'Invalid cross-device link', '-ENODEV': 'No such device', '-ENOTDIR': 'Not a directory',
  '-EISDIR': 'Is a directory', '-EINVAL': 'Invalid argument', '-ENFILE': 'Too many open files in system', '-EMFILE': 'Too many open files', '-ENOTTY': 'Inappropriate ioctl for device',
  '-EFBIG': 'File too large', '-ENOSPC': 'No space left on device', '-ESPIPE': 'Illegal seek', '-EROFS': 'Read-only file system', '-EPIPE': 'Broken pipe', '-ERANGE': 'Numerical result out of range',
  '-ENAMETOOLONG': 'File name too long', '-ENOSYS': 'Function not implemented', '-ENOTEMPTY': 'Directory not empty', '-ELIBBAD': 'Accessing a corrupted shared library', '-EIDRM': 'Identifier removed',
  '-ELOOP': 'Too many levels of symbolic links', '-EOVERFLOW': 'Value too large for defined data type', '-ETXTBSY': 'Text file busy',
};
