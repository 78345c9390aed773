// orval: one file of functions that call fetch.
export default {
  passerelle: {
    input: { target: process.env.CONTRACT },
    output: { target: "orval/api.ts", client: "fetch", mode: "single" },
  },
};
