// docs/protocol.md, section 7: every runtime's native module gives the same bytes.
import { equal } from "./expect.js";

const encoder = new TextEncoder();
const bytes = (value) => encoder.encode(value);

export function replay({ Engine }, transcript) {
  const config = bytes(JSON.stringify(transcript.config));
  const [first] = transcript.calls;
  if (first.call === "new") {
    let thrown;
    try {
      new Engine(config);
    } catch (error) {
      thrown = typeof error === "string" ? error : error.message;
    }
    equal(thrown, JSON.stringify(first.error), transcript.name);
    return;
  }
  const engine = new Engine(config);
  engine.reseed(Uint8Array.from(transcript.seed.match(/../g), (pair) => parseInt(pair, 16)));
  transcript.calls.forEach((call, index) => {
    const what = `${transcript.name}, call ${index}`;
    switch (call.call) {
      case "begin":
        equal(engine.begin(bytes(JSON.stringify(call.request))), call.ticket, what);
        break;
      case "poll":
        equal(engine.poll(call.ticket, call.now), JSON.stringify(call.step), what);
        break;
      case "resolve": {
        const body =
          call.body_base64 === undefined
            ? bytes(call.body)
            : Uint8Array.from(atob(call.body_base64), (character) => character.charCodeAt(0));
        const { effect, kind, status, head, now } = call;
        equal(engine.resolve(effect, kind, status, bytes(head), body, now), call.wake, what);
        break;
      }
      case "end":
        equal(engine.end(call.ticket), call.wake, what);
        break;
      default:
        throw new Error(`${what}: unknown call ${call.call}`);
    }
  });
}

export function transcripts({ native, transcripts }) {
  const tests = {};
  for (const transcript of transcripts) {
    tests[`transcript ${transcript.name}`] = () => replay(native, transcript);
  }
  return tests;
}
