// docs/protocol.md, sections 7, 8 and 11: every runtime's native modules give the same bytes.
import { equal, ok } from "./expect.js";
import { sourceLeftOut } from "./left-out.js";

const encoder = new TextEncoder();
const bytes = (value) => encoder.encode(value);

function thrownBy(work) {
  try {
    work();
  } catch (error) {
    return typeof error === "string" ? error : error.message;
  }
  return undefined;
}

export function replay(native, transcript) {
  const config = bytes(JSON.stringify(transcript.config));
  const machineOf = {
    undefined: (config) => new native.Engine(config),
    shared_cache: (config) => native.Engine.shared(config),
    verifier: (config) => new native.Verifier(config),
    manager: (config) => new native.Manager(config),
  }[transcript.machine];
  const leftOut = transcript.machine === undefined && sourceLeftOut(native, transcript);
  if (leftOut) {
    const { code, message } = JSON.parse(thrownBy(() => machineOf(config)));
    equal(code, "source_unsupported", transcript.name);
    ok(message.includes(`the source \`${leftOut}\` is left out`), `${transcript.name}: ${message}`);
    return;
  }
  const [first] = transcript.calls;
  if (first.call === "new") {
    equal(thrownBy(() => machineOf(config)), JSON.stringify(first.error), transcript.name);
    return;
  }
  const machine = machineOf(config);
  const clients = [];
  machine.reseed(Uint8Array.from(transcript.seed.match(/../g), (pair) => parseInt(pair, 16)));
  transcript.calls.forEach((call, index) => {
    const what = `${transcript.name}, call ${index}`;
    switch (call.call) {
      case "client": {
        const thrown = thrownBy(() => clients.push(new native.Client(bytes(JSON.stringify(call.config)))));
        equal(thrown, call.error && JSON.stringify(call.error), what);
        break;
      }
      case "begin": {
        const request = bytes(JSON.stringify(call.request));
        const client = clients[call.client - 1];
        equal(client ? machine.begin_for(client, request) : machine.begin(request), call.ticket, what);
        break;
      }
      case "poll":
        equal(machine.poll(call.ticket, call.now), JSON.stringify(call.step), what);
        break;
      case "resolve": {
        const body =
          call.body_base64 === undefined
            ? bytes(call.body)
            : Uint8Array.from(atob(call.body_base64), (character) => character.charCodeAt(0));
        const { effect, kind, status, head, now } = call;
        equal(machine.resolve(effect, kind, status, bytes(head), body, now), call.wake, what);
        break;
      }
      case "end":
        equal(machine.end(call.ticket), call.wake, what);
        break;
      case "check":
        equal(machine.check(bytes(call.token), call.now), JSON.stringify(call.step), what);
        break;
      case "signature": {
        const signature = String.fromCharCode(...machine.signature(call.verification));
        equal(signature, atob(call.signature.replaceAll("-", "+").replaceAll("_", "/")), what);
        break;
      }
      case "jwk":
        equal(machine.jwk(call.verification) ?? undefined, call.jwk && JSON.stringify(call.jwk), what);
        break;
      case "complete": {
        const { verification, result, payload, error } = call;
        const complete = () => equal(machine.complete(verification, result), JSON.stringify(payload), what);
        equal(thrownBy(complete), error && JSON.stringify(error), what);
        break;
      }
      case "snapshot":
        equal(machine.snapshot(call.now), JSON.stringify(call.snapshot), what);
        break;
      case "load": {
        const load = () => machine.load(bytes(JSON.stringify(call.snapshot)), call.now);
        equal(thrownBy(load), call.error && JSON.stringify(call.error), what);
        break;
      }
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
