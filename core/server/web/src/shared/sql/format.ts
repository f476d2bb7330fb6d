import { formatDialect, sqlite } from 'sql-formatter';

/** A piece of SQL, and what it is. */
export interface Token {
  kind: 'keyword' | 'name' | 'string' | 'number' | 'parameter' | 'comment' | 'other';
  text: string;
}

const options = { dialect: sqlite, tabWidth: 2, keywordCase: 'upper', expressionWidth: 60 } as const;

/** SQL in lines, as people write it; as it came where that cannot be read. */
export function formatted(sql: string): string {
  try {
    return formatDialect(sql, options);
  } catch {
    return sql;
  }
}

// Names in quotes come before texts, and words before all that is left.
const pattern =
  /(?<comment>--[^\n]*|\/\*[\s\S]*?\*\/)|(?<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])|(?<string>[xX]?'(?:[^']|'')*')|(?<parameter>\?\d*|[:@$][A-Za-z_]\w*|\$\d+)|(?<number>\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)|(?<word>[A-Za-z_]\w*)|\s+|[^\s\w]/g;

const keywords = new Set(
  `ADD ALL ALTER AND AS ASC BEGIN BETWEEN BY CASE CAST COLLATE COMMIT CONFLICT CREATE CROSS DEFAULT DEFERRED DELETE DESC DISTINCT DO DROP ELSE END
  ESCAPE EXCEPT EXISTS FETCH FIRST FOR FROM FULL GLOB GROUP HAVING IMMEDIATE IN INDEX INDEXED INNER INSERT INTERSECT INTO IS JOIN LAST LEFT LIKE
  LIMIT MATERIALIZED NATURAL NOT NOTHING NULL NULLS OFFSET ON OR ORDER OUTER OVER PARTITION PRAGMA RECURSIVE REFERENCES RELEASE REPLACE RETURNING
  RIGHT ROLLBACK ROWS SAVEPOINT SELECT SET TABLE THEN TO TRANSACTION UNION UNIQUE UPDATE USING VALUES WHEN WHERE WINDOW WITH`.split(/\s+/),
);

/** SQL in pieces to colour. Put together, they are the text again. */
export function tokens(sql: string): Token[] {
  return Array.from(sql.matchAll(pattern), ({ 0: text, groups = {} }): Token => {
    if (groups['word']) return { kind: keywords.has(text.toUpperCase()) ? 'keyword' : 'other', text };
    for (const kind of ['comment', 'name', 'string', 'parameter', 'number'] as const) {
      if (groups[kind] !== undefined) return { kind, text };
    }
    return { kind: 'other', text };
  });
}
