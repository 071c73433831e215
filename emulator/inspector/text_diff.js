// How two values differ, character by character.
import { element, shownCharacter } from "./dom.js";

/** Longer values are compared at their ends only: the table of the comparison would be too large. */
const MAX_CELLS = 1_000_000;
/** Common characters between two differences that are fewer than this say nothing, so they count as different. */
const SHORTEST_RUN = 3;

/** For each value its characters, each with whether the other value has it at that place. */
export function compare(expected, presented) {
  const one = Array.from(expected);
  const other = Array.from(presented);
  let start = 0;
  while (start < one.length && start < other.length && one[start] === other[start]) start += 1;
  let end = 0;
  const least = Math.min(one.length, other.length) - start;
  while (end < least && one[one.length - 1 - end] === other[other.length - 1 - end]) end += 1;
  const middle = [one.slice(start, one.length - end), other.slice(start, other.length - end)];
  const common = middle[0].length * middle[1].length > MAX_CELLS ? [] : longestCommon(...middle);
  const mark = (all, side) => {
    const same = new Set(common.map((pair) => pair[side] + start));
    return all.map((character, index) => ({
      character,
      same: index < start || index >= all.length - end || same.has(index),
    }));
  };
  return { expected: mark(one, 0), presented: mark(other, 1), first: start };
}

/** The pairs of indices of a longest common subsequence, without runs that are too short. */
function longestCommon(one, other) {
  const width = other.length + 1;
  const lengths = new Uint16Array((one.length + 1) * width);
  for (let row = one.length - 1; row >= 0; row -= 1) {
    for (let column = other.length - 1; column >= 0; column -= 1) {
      const at = row * width + column;
      lengths[at] =
        one[row] === other[column] ? lengths[at + width + 1] + 1 : Math.max(lengths[at + width], lengths[at + 1]);
    }
  }
  const pairs = [];
  let run = [];
  const close = () => {
    if (run.length >= SHORTEST_RUN) pairs.push(...run);
    run = [];
  };
  for (let row = 0, column = 0; row < one.length && column < other.length; ) {
    if (one[row] === other[column]) {
      run.push([row, column]);
      row += 1;
      column += 1;
      continue;
    }
    close();
    if (lengths[(row + 1) * width + column] >= lengths[row * width + column + 1]) row += 1;
    else column += 1;
  }
  close();
  return pairs;
}

/** A value with its differing characters marked. */
export function marked(characters, kind) {
  const nodes = [];
  for (let index = 0; index < characters.length; ) {
    const { same } = characters[index];
    let text = "";
    while (index < characters.length && characters[index].same === same) {
      text += shownCharacter(characters[index].character);
      index += 1;
    }
    nodes.push(same ? text : element("mark", { class: kind }, text));
  }
  return nodes;
}

/** `"m" (U+006D)`, or that the value has ended. */
export function named(characters, index) {
  const found = characters[index]?.character;
  if (found === undefined) return "the end";
  const number = found.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
  return `“${shownCharacter(found)}” (U+${number})`;
}
