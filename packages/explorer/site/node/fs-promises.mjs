export const open = () => Promise.reject(new Error('there are no files of a computer here'));
