// A real language model on this machine: llama.cpp with a model of 135 million
// parameters. `./dev` installs it and names its Python in LLAMA_PYTHON.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

export class Llama {
  private process: ChildProcess | undefined;

  private constructor(private readonly port: number) {}

  static async start(): Promise<Llama> {
    const llama = new Llama(await freePort());
    await llama.start();
    return llama;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/v1`;
  }

  async start(): Promise<void> {
    const script = new URL('llama.py', import.meta.url).pathname;
    const started = spawn(process.env.LLAMA_PYTHON!, [script, String(this.port)], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.process = started;
    const failed = once(started, 'exit').then(() => {
      throw new Error('llama.cpp did not start');
    });
    const lines = createInterface(started.stdout!);
    await Promise.race([once(lines, 'line'), failed]);
    failed.catch(() => undefined);
  }

  /** Takes it away without a word. */
  async kill(): Promise<void> {
    if (!this.process || this.process.exitCode !== null || this.process.signalCode) return;
    const gone = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await gone;
  }

  /** Whether it works on an answer just now. */
  async isWorking(): Promise<boolean> {
    const response = await fetch(`http://127.0.0.1:${this.port}/slots`);
    const slots = (await response.json()) as { is_processing: boolean }[];
    return slots.some((slot) => slot.is_processing);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? address!.port : 0;
}
