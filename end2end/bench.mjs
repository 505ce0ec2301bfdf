// What the product costs, as JSON: start-up, idle memory, sizes, and the time
// it adds to a turn. The model is a server on loopback without any latency of
// its own. Usage: ./dev bench [turns]
import { spawn, execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const binary = process.env.OPENCLAWSSY_BIN;
const site = process.env.LEPTOS_SITE_ROOT;
const turns = Number(process.argv[2] ?? 300);

const data = mkdtempSync(join(tmpdir(), 'openclawssy-bench-'));
const common = ['--data', data];

const model = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    const { messages } = JSON.parse(body);
    const last = messages.at(-1);
    const wantsTool = last.role === 'user' && last.content.includes('tool');
    const delta = wantsTool
      ? { tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'time_now', arguments: '{}' } }] }
      : { content: 'An answer of a few words.' };
    const choice = (delta, finish_reason) => `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(choice(delta, null) + choice({}, wantsTool ? 'tool_calls' : 'stop') + 'data: [DONE]\n\n');
  });
});
await new Promise((done) => model.listen(0, '127.0.0.1', done));
const modelUrl = `http://127.0.0.1:${model.address().port}/v1`;

// Time from the start of the process to the first answer that it is ready.
async function start() {
  const begun = performance.now();
  const child = spawn(binary, ['serve', '--addr', '127.0.0.1:0', '--model', 'openai/bench', '--openai-url', modelUrl, ...common], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, RUST_LOG: 'warn' },
  });
  const url = await new Promise((done) => {
    let log = '';
    child.stderr.on('data', (chunk) => {
      log += chunk;
      const found = log.match(/Openclawssy is at (\S+)/);
      if (found) done(found[1]);
    });
  });
  const ready = await fetch(`${url}/readyz`);
  if (!ready.ok) throw new Error(`not ready: ${ready.status}`);
  return { child, url, ms: performance.now() - begun };
}

const stop = (child) => new Promise((done) => (child.on('exit', done), child.kill('SIGTERM')));

const spread = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(2));
  return { min: at(0), p50: at(0.5), p99: at(0.99), max: at(1) };
};

const pssMb = (pid) => {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number((Number(rollup.match(/^Pss:\s+(\d+) kB/m)[1]) / 1024).toFixed(1));
};

// The whole CPU time of a process so far, in seconds.
const cpuSeconds = (pid) => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(stat[11]) + Number(stat[12])) / 100;
};

function sizes() {
  const files = readdirSync(join(site, 'pkg'));
  const size = (ending) => {
    const name = files.find((file) => file.endsWith(ending));
    return name ? statSync(join(site, 'pkg', name)).size : null;
  };
  return { wasm: size('.wasm'), wasm_br: size('.wasm.br'), js: size('.js'), css: size('.css'), binary: statSync(binary).size };
}

async function post(url, token, message, session) {
  const response = await fetch(`${url}/v1/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ message, ...(session ? { session_id: session } : {}) }),
  });
  if (response.status !== 202) throw new Error(`${response.status}: ${await response.text()}`);
  return response.json();
}

// One turn, from the post to the end of the event stream.
async function turn(url, token, message, session) {
  const begun = performance.now();
  const run = await post(url, token, message, session);
  const stream = await fetch(`${url}/v1/runs/${run.id}/events`, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
  });
  await stream.text();
  return { ms: performance.now() - begun, session: run.session_id };
}

try {
  execFileSync(binary, ['users', 'add', 'bench', '--role', 'owner', ...common], { input: 'correct horse 42\n', stdio: ['pipe', 'ignore', 'ignore'] });
  const token = execFileSync(binary, ['token', 'bench', ...common], { encoding: 'utf8' }).trim();

  const starts = [];
  for (let n = 0; n < 10; n += 1) {
    const { child, ms } = await start();
    starts.push(ms);
    await stop(child);
  }

  const { child, url } = await start();
  const idle = pssMb(child.pid);
  const plain = [];
  const withTool = [];
  const cpuBefore = cpuSeconds(child.pid);
  for (let n = 0; n < turns; n += 1) plain.push((await turn(url, token, 'say something')).ms);
  const cpu = cpuSeconds(child.pid) - cpuBefore;
  for (let n = 0; n < turns; n += 1) withTool.push((await turn(url, token, 'use a tool')).ms);

  const begun = performance.now();
  const each = Math.ceil(turns / 10);
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      for (let n = 0; n < each; n += 1) await turn(url, token, 'say something');
    }),
  );
  const perSecond = (10 * each) / ((performance.now() - begun) / 1000);
  const busy = pssMb(child.pid);
  await stop(child);

  console.log(
    JSON.stringify(
      {
        start_to_ready_ms: spread(starts),
        idle_pss_mb: idle,
        pss_after_turns_mb: busy,
        bytes: sizes(),
        plain_turn_ms: spread(plain),
        tool_turn_ms: spread(withTool),
        turns_per_second_at_10_sessions: Number(perSecond.toFixed(1)),
        cpu_seconds_per_100_turns: Number(((cpu / turns) * 100).toFixed(2)),
      },
      null,
      2,
    ),
  );
} finally {
  model.close();
  rmSync(data, { recursive: true, force: true });
}
