// Vercel's edge runtime.
export const platform = {
  // Bundlers put the variables in place of `process.env`; there is no other way to them.
  environment: (name) => globalThis.process?.env?.[name],
  flight: "per_request",
};
