// One token with our TypeScript face, whichever package brought it.
//
// A job is {"options", "assertion", "token_file" or "source", "scope", "claims", "enable_cae"}, with the
// option names of the Python package; the last two may be absent. `source` is the class of a source in Python and its
// arguments.
// The outcome is {"token", "expires_in"} or {"error"}.

const camelCase = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

const renamed = (value) =>
  value && typeof value === "object"
    ? Object.fromEntries(Object.entries(value).map(([name, member]) => [camelCase(name), renamed(member)]))
    : value;

function sourceOf(packaged, job) {
  if (job.token_file) return packaged.tokenFile(job.token_file);
  if (!job.source) return packaged.callback(async () => job.assertion);
  const [name, given] = job.source;
  // CircleCI is circleCi here.
  const factory = Object.keys(packaged).find((key) => key.toLowerCase() === name.toLowerCase());
  return packaged[factory](renamed(given));
}

export async function outcome(packaged, job) {
  const { WorkloadIdentity, WorkloadIdentityError } = packaged;
  try {
    const source = sourceOf(packaged, job);
    const answer = await new WorkloadIdentity({ source, ...renamed(job.options) }).getToken(job.scope, {
      claims: job.claims,
      enableCae: job.enable_cae,
    });
    return { token: answer.token, expires_in: Math.round((answer.expiresOnTimestamp - Date.now()) / 1000) };
  } catch (error) {
    if (!(error instanceof WorkloadIdentityError)) throw error;
    return {
      error: {
        class: error.name,
        code: error.code,
        aadsts: error.aadsts,
        http_status: error.httpStatus,
        presented: error.presented,
        text: `${error.stack} ${JSON.stringify(error)}`,
      },
    };
  }
}
