/** Reads until the end or `limit` bytes, whichever is first: a device or a growing file ends there too. */
export async function readUpTo(
  limit: number,
  /** Fills a part of the buffer and tells how many bytes; 0 or null at the end. */
  read: (into: Uint8Array<ArrayBuffer>) => Promise<number | null>,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(limit);
  let length = 0;
  while (length < limit) {
    const count = await read(bytes.subarray(length));
    if (!count) break;
    length += count;
  }
  return bytes.subarray(0, length);
}
