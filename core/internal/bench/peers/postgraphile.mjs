// Serves a database by PostGraphile as its documentation has it in production: without
// its pages, and without explaining. It takes -db URL and -addr HOST:PORT.
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const given = process.argv.slice(2).map((a) => a.replace(/^-(?=[a-z])/, "--"));
const { values } = parseArgs({ args: given, options: { db: { type: "string" }, addr: { type: "string" } } });
const [host, port] = values.addr.split(":");

const handle = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString: values.db, schemas: ["public"], poolConfig: { max: 16 } })],
  grafserv: { watch: false, graphiql: false },
  grafast: { explain: false },
})
  .createServ(grafserv)
  .createHandler();
const server = createServer((request, response) => (request.url === "/healthz" ? response.end() : handle(request, response)));
server.listen(Number(port), host);
process.on("SIGTERM", () => process.exit(0));
