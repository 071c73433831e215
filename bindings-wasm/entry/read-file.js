import { open } from "node:fs/promises";

/** At most `limit` bytes of a file, whatever it is: a device or a growing file ends there too. */
export async function readFile(path, limit) {
  const file = await open(path, "r");
  try {
    const bytes = new Uint8Array(limit);
    let length = 0;
    while (length < limit) {
      const { bytesRead } = await file.read(bytes, length, limit - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await file.close();
  }
}
