// Runs the audits of graphql-http against the server at the URL given, and
// fails unless each of them is ok.
import { auditServer } from 'graphql-http';

const url = process.argv[2];
if (!url) {
  console.error('usage: node audit.mjs http://HOST:PORT/graphql');
  process.exit(2);
}

const results = await auditServer({ url });
const failed = results.filter((r) => r.status !== 'ok');
for (const r of failed) {
  console.log(`${r.status} ${r.id} ${r.name}${r.reason ? `: ${r.reason}` : ''}`);
}
console.log(`${results.length - failed.length} ok of ${results.length}`);
process.exit(failed.length === 0 && results.length > 0 ? 0 : 1);
