/** What a shell says of a command that a signal has ended: strsignal() of glibc, for signals that bash reports. */
export const SIGNAL_TEXTS: Readonly<Record<number, string>> = {
  1: 'Hangup\n', 3: 'Quit\n', 4: 'Illegal instruction\n', 6: 'Aborted\n', 7: 'Bus error\n', 8: 'Floating point exception\n', 9: 'Killed\n', 10: 'User defined signal 1\n',
  11: 'Segmentation fault\n', 12: 'User defined signal 2\n', 14: 'Alarm clock\n', 15: 'Terminated\n', 24: 'CPU time limit exceeded\n', 25: 'File size limit exceeded\n',
};
