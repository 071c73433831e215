// A private certificate authority and a server's certificate from it (RFC 5280), in the few bytes of DER that they need.
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";

const der = (tag, ...parts) => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
};
const sequence = (...parts) => der(0x30, ...parts);
const oid = (hex) => der(0x06, Buffer.from(hex, "hex"));
const octets = (...parts) => der(0x04, ...parts);
const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
const name = (text) => sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(text)))));
const time = (ms) => der(0x18, `${new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, "")}`);
const extension = (id, value, critical = []) => sequence(oid(id), ...critical, octets(value));
const critical = [der(0x01, [0xff])];
const pem = (label, bytes) => `-----BEGIN ${label}-----\n${bytes.toString("base64").match(/.{1,64}/g).join("\n")}\n-----END ${label}-----\n`;

function certificate({ subject, issuer, publicKey, signer, extensions }) {
  const day = 86_400_000;
  const body = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, [1], randomBytes(8)),
    ecdsaWithSha256,
    name(issuer),
    sequence(time(Date.now() - day), time(Date.now() + day)),
    name(subject),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  return pem("CERTIFICATE", sequence(body, ecdsaWithSha256, der(0x03, [0], sign("sha256", body, signer))));
}

/** `ca`, and `key` and `cert` for a server of these names and IPv4 addresses. */
export function newCertificate(...names) {
  const [authority, server] = [1, 2].map(() => generateKeyPairSync("ec", { namedCurve: "P-256" }));
  const issuer = `Test authority ${randomBytes(4).toString("hex")}`;
  const signer = authority.privateKey;
  const alternatives = names.map((text) =>
    isIPv4(text) ? der(0x87, text.split(".").map(Number)) : der(0x82, Buffer.from(text)),
  );
  return {
    ca: certificate({
      subject: issuer,
      issuer,
      publicKey: authority.publicKey,
      signer,
      extensions: [extension("551d13", sequence(der(0x01, [0xff])), critical)],
    }),
    cert: certificate({
      subject: names[0],
      issuer,
      publicKey: server.publicKey,
      signer,
      extensions: [extension("551d11", sequence(...alternatives))],
    }),
    key: server.privateKey.export({ type: "pkcs8", format: "pem" }),
  };
}
