/** The parts of Node.js's own modules that `testing/emulator.ts` uses; the package does not depend on `@types/node`. */

declare module "node:child_process" {
  interface ChildProcess {
    readonly stdout: {
      setEncoding(encoding: "utf8"): void;
      on(event: "data", listener: (text: string) => void): void;
    };
    once(event: "error" | "close", listener: () => void): void;
    kill(): void;
  }
  export function spawn(program: string, args: readonly string[], options: object): ChildProcess;
}

declare module "node:process" {
  export const env: Readonly<Record<string, string | undefined>>;
}
