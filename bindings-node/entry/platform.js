import { open } from "node:fs/promises";
import { readUpTo } from "../dist/read-up-to.js";

export const platform = {
  environment: (name) => process.env[name],
  async readFile(path, limit) {
    const file = await open(path);
    try {
      return await readUpTo(limit, async (into) => (await file.read(into)).bytesRead);
    } finally {
      await file.close();
    }
  },
  flight: "shared",
};
