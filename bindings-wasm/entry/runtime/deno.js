import { readUpTo } from "../../dist/read-up-to.js";

export const platform = {
  environment: (name) => Deno.env.get(name),
  async readFile(path, limit) {
    using file = await Deno.open(path);
    return await readUpTo(limit, (into) => file.read(into));
  },
  flight: "shared",
};
