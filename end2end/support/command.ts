// The real program, as a process.

import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';

const BINARY = process.env.OPENCLAWSSY_BIN ?? resolve('..', 'target', 'debug', 'openclawssy');

// Longer than this nothing takes to start or to stop.
const PATIENCE = 20_000;

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export class Command {
  stdout = '';
  stderr = '';
  private readonly child: ChildProcess;
  private readonly closed: Promise<Ended>;

  constructor(args: string[], input = '') {
    this.child = spawn(BINARY, args, { env: environment(), stdio: 'pipe' });
    const { stdin, stdout, stderr } = this.child;
    stdout!.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    stderr!.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    // A program may end without reading its input.
    stdin!.on('error', () => {});
    stdin!.end(input);
    this.closed = new Promise((closed, failed) => {
      this.child.once('error', failed);
      this.child.once('close', (code) =>
        closed({ code, stdout: this.stdout, stderr: this.stderr }),
      );
    });
  }

  /** How it ended. It is killed if it does not. */
  async ended(): Promise<Ended> {
    const timer = setTimeout(() => this.signal('SIGKILL'), PATIENCE);
    return this.closed.finally(() => clearTimeout(timer));
  }

  /** How it ended after a signal. */
  async endedBy(signal: NodeJS.Signals): Promise<Ended> {
    this.signal(signal);
    return this.ended();
  }

  /** Waits until what it printed fits. */
  says(on: 'stdout' | 'stderr', what: RegExp): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this[on].match(what);
        if (found) settle(() => resolve(found));
      };
      const fail = () => {
        settle(() => reject(new Error(`it did not say ${what} on ${on}:\n${this.stderr}`)));
      };
      const timer = setTimeout(fail, PATIENCE);
      const settle = (end: () => void) => {
        clearTimeout(timer);
        this.child[on]!.off('data', look);
        this.child.off('close', fail);
        end();
      };
      this.child[on]!.on('data', look);
      this.child.on('close', fail);
      look();
    });
  }

  private signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

// Settings of the person who runs the tests must not reach the program.
function environment(): NodeJS.ProcessEnv {
  const foreign = /^(OPENCLAWSSY_.*|OPENAI_.*|RUST_LOG|.*_proxy)$/i;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(own), NO_COLOR: '1' };
}
