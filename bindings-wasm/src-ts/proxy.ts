/** The proxy that the environment names for a request; `tests/vectors/proxies.tsv` and `no_proxy.tsv` have the rules as tables. */

import { TransportDetail } from "./transport.js";

/** The part of `node:net` that is used. */
export interface Net {
  /** 4, 6, or 0 for what is no address. */
  isIP(text: string): number;
  BlockList: new () => {
    addAddress(address: string, family: Family): void;
    addSubnet(network: string, prefix: number, family: Family): void;
    check(address: string, family: Family): boolean;
  };
}

type Family = "ipv4" | "ipv6";

/** Value of an environment variable. */
export type Environment = (name: string) => string | undefined;

export interface Proxy {
  readonly url: URL;
  /** The value of `Proxy-Authorization`, if the URL has a user. */
  readonly authorization: string | undefined;
}

/** The variable that sets a proxy for addresses of this scheme, as it is spelled in the environment. */
export function proxyVariable({ protocol }: URL, environment: Environment): string | undefined {
  const scheme = protocol.slice(0, -1);
  // CGI passes a request's header `Proxy` as HTTP_PROXY.
  const isForged = scheme === "http" && environment("REQUEST_METHOD");
  const names = [`${scheme}_proxy`, ...(isForged ? [] : [`${scheme.toUpperCase()}_PROXY`]), "all_proxy", "ALL_PROXY"];
  return names.find(environment);
}

/** The proxy for a request to `url`. Throws if the variable's value is no URL of a proxy. */
export function proxyFor(url: URL, environment: Environment, net: Net): Proxy | undefined {
  const variable = proxyVariable(url, environment);
  if (variable === undefined || isDirect(url, environment("no_proxy") || environment("NO_PROXY") || "", net)) {
    return undefined;
  }
  const value = environment(variable) as string;
  const invalid = () => new TransportDetail(`${variable} is not the URL of an http or https proxy`);
  let proxy;
  try {
    proxy = new URL(value.includes("://") ? value : `http://${value}`);
  } catch {
    throw invalid();
  }
  if (!/^https?:$/.test(proxy.protocol)) throw invalid();
  const { username, password } = proxy;
  proxy.username = proxy.password = "";
  const authorization = username || password ? `Basic ${basic(username, password)}` : undefined;
  return { url: proxy, authorization };
}

/** Whether requests to `url` need no proxy, given the value of `NO_PROXY`. */
export function isDirect(url: URL, noProxy: string, net: Net): boolean {
  const host = bare(url.hostname);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const isAddress = net.isIP(host) !== 0;
  // The loopback of a proxy is another machine.
  if (host === "localhost" || (isAddress && isIn("127.0.0.0/8", host, net)) || host === "::1") return true;
  return noProxy.split(/[\s,]+/).some((entry) => {
    const { name, port: only = port } = /^(?<name>\[.*\]|[^:/]*)(?::(?<port>\d+))?$/.exec(entry)?.groups ?? { name: entry };
    if (name === undefined || only !== port) return false;
    if (name === "*") return true;
    if (isAddress) return isIn(bare(name), host, net);
    const domain = bare(name).replace(/^\*?\.?/, "");
    return domain !== "" && (host === domain || host.endsWith(`.${domain}`));
  });
}

/** In lower case, without the brackets of an IPv6 address or the root's dot. */
function bare(host: string): string {
  return host.toLowerCase().replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

/** Whether `network`, an address or a block of them (CIDR), has the address. */
function isIn(network: string, address: string, net: Net): boolean {
  const version = net.isIP(address);
  const [first = "", prefix] = network.split("/");
  if (net.isIP(first) !== version) return false;
  const family = version === 4 ? "ipv4" : "ipv6";
  const list = new net.BlockList();
  if (prefix === undefined) list.addAddress(first, family);
  else if (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128)) {
    list.addSubnet(first, Number(prefix), family);
  }
  return list.check(address, family);
}

/** Credentials of RFC 7617, from the parts of a URL. */
function basic(username: string, password: string): string {
  const text = `${decoded(username)}:${decoded(password)}`;
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
