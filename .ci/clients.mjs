// Calls every tool to a success and to an error through the two official TypeScript clients, in both eras. They hold
// whatever is structured against the output schema once they have seen the list of tools, errors as well. Run by
// clients.sh, with the packages in the folder that is named.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [program, home, packages] = process.argv.slice(2);
const require = createRequire(`${packages}/`);
const load = (name) => import(pathToFileURL(require.resolve(name)).href);

// A success and an error for each tool, of the demo's mirror; a name stands twice where an answer has several forms.
// What is only refused needs a login, which the demo does not leave behind.
const { good: GOOD, bad: BAD, only_refused: ONLY_REFUSED } = JSON.parse(
  readFileSync(new URL("calls.json", import.meta.url), "utf8"),
);

const server = {
  command: program,
  args: ["--profile", "demo", "serve"],
  env: { VITALS_HOME: home, PATH: process.env.PATH, VITALS_SYNC_INTERVAL: "off" },
};

function insist(fine, what) {
  if (!fine) {
    console.error(what);
    process.exit(1);
  }
}

async function talk(name, client, transport) {
  await client.connect(transport);
  const { tools } = await client.listTools();
  const recordings = { kind: "withings.heart", start: "last 400 days", limit: 1000, fields: ["id", "signal_id"] };
  const listed = await client.callTool({ name: "list_records", arguments: recordings });
  const ecg = listed.structuredContent.rows.find((row) => row[1])?.[0];
  const good = [...GOOD, ["get_signal", { kind: "ecg", id: ecg }]];
  for (const { name: tool } of tools) {
    insist(ONLY_REFUSED.includes(tool) || good.some((call) => call[0] === tool), `${name}: no call of ${tool}`);
    insist(BAD.some((call) => call[0] === tool), `${name}: no wrong call of ${tool}`);
  }
  for (const [tool, args] of good) {
    const answer = await client.callTool({ name: tool, arguments: args });
    const shown = `${name} ${tool} ${JSON.stringify(args)}`;
    insist(!answer.isError, `${shown}: ${answer.content[0].text}`);
    insist(JSON.stringify(JSON.parse(answer.content[0].text)) === JSON.stringify(answer.structuredContent), shown);
  }
  for (const [tool, args, code] of BAD) {
    const answer = await client.callTool({ name: tool, arguments: args });
    const { error } = JSON.parse(answer.content[0].text);
    const shown = `${name} ${tool} ${JSON.stringify(args)}: ${answer.content[0].text}`;
    insist(answer.isError && error.code === code && error.hint, shown);
    insist(answer.structuredContent.error.code === code, shown);
  }
  await client.close();
  console.log(`${name}: ${tools.length} tools, ${good.length} answers, ${BAD.length} errors`);
}

const info = { name: "clients", version: "0" };
{
  const { Client } = await load("@modelcontextprotocol/sdk/client/index.js");
  const { StdioClientTransport } = await load("@modelcontextprotocol/sdk/client/stdio.js");
  await talk("TypeScript SDK", new Client(info), new StdioClientTransport(server));
}
for (const mode of ["legacy", "auto"]) {
  const { Client } = await load("@modelcontextprotocol/client");
  const { StdioClientTransport } = await load("@modelcontextprotocol/client/stdio");
  const client = new Client(info, { versionNegotiation: { mode } });
  await talk(`TypeScript client, ${mode}`, client, new StdioClientTransport(server));
}
