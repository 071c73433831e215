// Browsers, their workers, and whatever else follows web standards.
export const platform = {
  flight: "shared",
  fetchOptions: { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" },
};
