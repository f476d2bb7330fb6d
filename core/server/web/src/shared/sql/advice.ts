/** Advice, and the line for the schema in it, where it has one. */
export interface Advice {
  text: string;
  line?: string;
}

/** Takes the line for the schema out of a piece of advice, ready to be put among the others of Indexes(). */
export function adviceOf(text: string): Advice {
  const at = text.match(/add to Indexes\(\)[^:]*: (index\..*)$/);
  return at ? { text: text.slice(0, text.length - at[1]!.length), line: `${at[1]},` } : { text };
}
