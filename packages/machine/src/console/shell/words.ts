/** A word for the parser that is taken as it stands. */
export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
