/** What has no form of its own on a page: controls, and marks that turn the direction of what follows. */
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/** A text in which every character can be seen: `⟨U+202E⟩` in the place of one that cannot. */
export function visible(text: string): string {
  return text.replace(unseen, (c) => `⟨U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`);
}

/** A time in milliseconds, to three digits: 0.043 ms, 1.93 ms, 12.5 ms, 1,204 ms. */
export function milliseconds(ms: number): string {
  const digits = ms >= 100 ? 0 : ms >= 10 ? 1 : ms >= 1 ? 2 : 3;
  return `${ms.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })} ms`;
}

/** A number of things: 1 row, 1,204 rows. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

/** A path in an answer: posts.0.title; "the request" where it is none. */
export function pathText(path: readonly (string | number)[]): string {
  return path.length > 0 ? path.join('.') : 'the request';
}
