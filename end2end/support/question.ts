// A question about a call, as an agent leaves it that asks.

import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

import type { Server } from './server.ts';

const PROGRAM = resolve('..', process.env.OPENCLAWSSY_QUESTION ?? 'target/debug/examples/question');

export interface Question {
  message: string;
  tool: string;
  arguments: string;
  reason: string;
  /** How long it may be answered. */
  seconds: number;
}

export const WRITE: Question = {
  message: 'write hello to notes.txt',
  tool: 'fs.write',
  arguments: '{"path":"notes.txt","content":"hello"}',
  reason: 'It writes a file.',
  seconds: 3600,
};

/** Leaves a run that waits for an answer; the server is away meanwhile. */
export async function leaveQuestion(
  server: Server,
  { message, tool, arguments: call, reason, seconds }: Question = WRITE,
): Promise<{ run: string; session: string }> {
  await server.stop();
  const given = [server.data, message, tool, call, reason, String(seconds)];
  const { stdout } = await promisify(execFile)(PROGRAM, given);
  await server.start();
  const [run, session] = stdout.trim().split(' ');
  return { run: run!, session: session! };
}
