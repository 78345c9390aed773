import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// In this repository the client is taken from its sources. Elsewhere: install @passerelle/client and drop the alias.
export default defineConfig({
  resolve: {
    alias: { "@passerelle/client": fileURLToPath(new URL("../../clients/typescript/src/index.ts", import.meta.url)) },
    dedupe: ["openapi-fetch"],
  },
  server: { host: "127.0.0.1", port: 5173, strictPort: true },
  preview: { host: "127.0.0.1", port: 5173, strictPort: true },
});
