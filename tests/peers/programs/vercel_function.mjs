// Preloaded (`node --import`): the program runs as a function at Vercel does while it answers a request with the token
// of the variable REQUEST_TOKEN.

const headers = { "x-vercel-oidc-token": process.env.REQUEST_TOKEN };
globalThis[Symbol.for("@vercel/request-context")] = { get: () => ({ headers }) };
