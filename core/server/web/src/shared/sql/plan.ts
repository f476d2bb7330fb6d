/** A step of a plan, and those that it is made of. */
export interface Step {
  text: string;
  /** It reads all of a table, or sorts what it found. */
  costly: boolean;
  steps: Step[];
}

/** The tree that the lines of a plan are, each indented below the one that it is part of. */
export function planTree(lines: readonly string[]): Step[] {
  const roots: Step[] = [];
  const above: { depth: number; step: Step }[] = [];
  for (const line of lines) {
    const text = line.trimStart();
    const depth = line.length - text.length;
    const step: Step = { text, costly: /^SCAN (?!CONSTANT|\()|TEMP B-TREE/.test(text) && !text.includes('VIRTUAL TABLE'), steps: [] };
    while (above.length > 0 && above[above.length - 1]!.depth >= depth) above.pop();
    (above[above.length - 1]?.step.steps ?? roots).push(step);
    above.push({ depth, step });
  }
  return roots;
}
