// What the product adds to a turn, as JSON: time of a plain turn and of a step
// with a tool, turns per second, CPU time, size of the first prompt; then the
// same again with 10,000 turns in the store. A person's way in: a post for each
// message, and one event stream that stays open. The model is a server without
// latency; the little time it takes is measured and subtracted.
//
// Times are in milliseconds. `disk_flush_ms` is what the disk takes to make
// 8 KiB safe: what no acknowledged message can be quicker than.
// Usage: ./dev bench turn [turns]
import { execFileSync, fork, spawn } from 'node:child_process';
import { closeSync, fdatasyncSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { follow, open, post } from './bench/connection.mjs';

const binary = process.env.OPENCLAWSSY_BIN;
const turns = Number(process.argv[2] ?? 1000);
const STORED = 10_000;
const SESSIONS = 10;
const TOOL_STEPS = 10;

const data = mkdtempSync(join(tmpdir(), 'openclawssy-bench-'));
const common = ['--data', data];

const round = (number) => Number(number.toFixed(2));
const spread = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]);
  return { p50: at(0.5), p99: at(0.99) };
};

// The CPU time of a process so far, in seconds.
const cpuSeconds = (pid) => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(stat[11]) + Number(stat[12])) / 100;
};

function diskFlush() {
  const file = openSync(join(data, 'flush'), 'w');
  const block = Buffer.alloc(8192, 'x');
  const times = [];
  for (let n = 0; n < 200; n += 1) writeSync(file, block, 0, block.length, n * block.length);
  fsyncSync(file);
  for (let n = 0; n < 200; n += 1) {
    writeSync(file, block, 0, block.length, n * block.length);
    const begun = performance.now();
    fdatasyncSync(file);
    times.push(performance.now() - begun);
  }
  closeSync(file);
  return spread(times);
}

const model = fork(new URL('bench/model.mjs', import.meta.url));
const heardOfModel = () => new Promise((done) => model.once('message', done));
const { port: modelPort } = await heardOfModel();
const modelUrl = `http://127.0.0.1:${modelPort}/v1`;
async function costOfModel() {
  const answer = heardOfModel();
  model.send({ cost: true });
  return answer;
}

async function start() {
  const args = ['serve', '--addr', '127.0.0.1:0', '--model', 'openai/bench', '--openai-url', modelUrl, ...common];
  const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const url = await new Promise((done) => {
    let log = '';
    child.stderr.on('data', (chunk) => {
      log += chunk;
      const found = log.match(/Openclawssy is at (\S+)/);
      if (found) done(found[1]);
    });
  });
  return { child, url };
}

/// A conversation: what it posts, and what its stream tells.
class Conversation {
  static async begin(url, token) {
    const it = new Conversation();
    it.posts = await open(url, token);
    const { document } = await post(it.posts, '/v1/runs', { message: 'the first message' });
    it.session = document.session_id;
    it.ended = new Map();
    follow(await open(url, token), `/v1/sessions/${it.session}/events`, (kind, run) => it.#hear(kind, run));
    await it.#end(document.id);
    return it;
  }

  #hear(kind, run) {
    const now = performance.now();
    if (kind === 'tool.end') this.tools?.push(now);
    if (kind === 'run.end') {
      const waiting = this.ended.get(run);
      this.ended.set(run, now);
      waiting?.(now);
    }
  }

  #end(run) {
    const known = this.ended.get(run);
    if (known) return known;
    return new Promise((done) => this.ended.set(run, done));
  }

  // One turn: when the message was known to be stored, when its end was seen,
  // and how long each step with a tool took.
  async turn(message) {
    this.tools = [];
    const begun = performance.now();
    const { status, document } = await post(this.posts, '/v1/runs', { message, session_id: this.session });
    if (status !== 202) throw new Error(`${status}: ${JSON.stringify(document)}`);
    const accepted = performance.now() - begun;
    const answered = (await this.#end(document.id)) - begun;
    this.ended.delete(document.id);
    const steps = this.tools.slice(1).map((at, n) => at - this.tools[n]);
    return { accepted, answered, steps };
  }
}

async function measure(child, conversations) {
  const [one] = conversations;
  for (let n = 0; n < 60; n += 1) await one.turn('say something'); // the longest history
  const plain = [];
  const before = { cpu: cpuSeconds(child.pid), model: await costOfModel() };
  const began = performance.now();
  for (let n = 0; n < turns; n += 1) plain.push(await one.turn('say something'));
  const seconds = (performance.now() - began) / 1000;
  const cpu = cpuSeconds(child.pid) - before.cpu;
  const after = await costOfModel();
  const modelMs = (after.spent - before.model.spent) / (after.answers - before.model.answers);

  const steps = [];
  const withTools = Math.ceil(turns / TOOL_STEPS);
  for (let n = 0; n < withTools; n += 1) steps.push(...(await one.turn(`use tools ${TOOL_STEPS}`)).steps);

  const together = performance.now();
  const cpuTogether = cpuSeconds(child.pid);
  const each = Math.ceil(turns / SESSIONS) * 2;
  await Promise.all(conversations.map((conversation) => repeat(conversation, each)));
  const all = SESSIONS * each;
  const added = (values) => spread(values.map((ms) => ms - modelMs));
  return {
    plain_turn_ms: added(plain.map((turn) => turn.answered)),
    accepted_ms: spread(plain.map((turn) => turn.accepted)),
    tool_step_ms: added(steps),
    turns_per_second: { 1: round(turns / seconds), [SESSIONS]: round(all / ((performance.now() - together) / 1000)) },
    cpu_seconds_per_100_turns: round((cpu / turns) * 100),
    cpu_seconds_per_100_turns_at_10_sessions: round(((cpuSeconds(child.pid) - cpuTogether) / all) * 100),
    model_ms: round(modelMs),
    turns: plain.length + withTools + all + 60,
  };
}

async function repeat(conversation, turns) {
  for (let n = 0; n < turns; n += 1) await conversation.turn('say something');
}

try {
  const stdio = ['pipe', 'ignore', 'ignore'];
  execFileSync(binary, ['users', 'add', 'bench', '--role', 'owner', ...common], { input: 'correct horse 42\n', stdio });
  const token = execFileSync(binary, ['token', 'bench', ...common], { encoding: 'utf8' }).trim();
  const flush = diskFlush();
  const { child, url } = await start();
  const conversations = [];
  for (let n = 0; n < SESSIONS; n += 1) conversations.push(await Conversation.begin(url, token));
  const { firstBytes } = await costOfModel();
  const { turns: done, ...first } = await measure(child, conversations);
  const each = Math.ceil(Math.max(0, STORED - done) / SESSIONS);
  await Promise.all(conversations.map((conversation) => repeat(conversation, each)));
  const { turns: _, ...later } = await measure(child, conversations);
  child.kill('SIGTERM');
  await new Promise((done) => child.once('exit', done));
  console.log(JSON.stringify({ disk_flush_ms: flush, first_prompt_bytes: firstBytes, ...first, [`after_${STORED}_turns`]: later }, null, 2));
} finally {
  model.disconnect();
  rmSync(data, { recursive: true, force: true });
}
process.exit();
