// What newer browsers have for numbers that a double does not hold.
interface ExactJSON {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON?: (text: string) => { rawJSON: string };
  isRawJSON?: (value: unknown) => value is { rawJSON: string };
}

const exact = JSON as unknown as ExactJSON;

/**
 * Parses JSON so that numbers keep every digit: one that a double does not hold is an
 * object, which JSON.stringify writes as the number that it was, and `digitsOf` tells.
 */
export function parseJSON(text: string): unknown {
  if (!exact.rawJSON || !/[\d.]{16}|\d[eE]/.test(text)) return JSON.parse(text);
  return exact.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && !holds(value, source) ? exact.rawJSON!(source) : value,
  );
}

/** Whether a double is the very number that was written. */
function holds(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return false;
  const digits = source.replace(/[eE].*$/, '').replace(/\D/g, '').replace(/^0+/, '');
  return digits.length <= 15 || String(value) === source;
}

/** The digits of a number that a double does not hold; undefined of anything else. */
export function digitsOf(value: unknown): string | undefined {
  return exact.isRawJSON?.(value) ? value.rawJSON : undefined;
}
