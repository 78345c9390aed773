// Writes what the helpers need to know of the contract: its version, and the operations that take an Idempotency-Key.
import { readFileSync, writeFileSync } from "node:fs";

const contract = JSON.parse(readFileSync(process.argv[2], "utf8"));
const resolved = (parameter) =>
  parameter.$ref ? contract.components.parameters[parameter.$ref.split("/").at(-1)] : parameter;

const keyed = [];
for (const [path, operations] of Object.entries(contract.paths)) {
  for (const [method, operation] of Object.entries(operations)) {
    const names = (operation.parameters ?? []).map((parameter) => resolved(parameter).name);
    if (names.includes("Idempotency-Key")) keyed.push(`${method.toUpperCase()} ${path}`);
  }
}
if (keyed.length === 0) throw new Error("the contract has no operation with an Idempotency-Key");

writeFileSync(
  new URL("src/generated/contract.ts", import.meta.url),
  `// Generated from the contract by generate.mjs.\nexport const version = ${JSON.stringify(contract.info.version)};\n` +
    `export const keyed: ReadonlySet<string> = new Set(${JSON.stringify(keyed.sort(), null, 2)});\n`,
);
