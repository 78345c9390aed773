// @hey-api/openapi-ts: imports as Node resolves them.
export default { input: process.env.CONTRACT, output: { path: "sdk", importFileExtension: ".js" } };
