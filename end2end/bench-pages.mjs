// The server's time for every page and list on the data of a busy team, as
// JSON: 100,000 messages, 20,000 runs, a million events. Usage: ./dev bench
// pages [requests]
//
// Times are those of a reader on this machine, which hold the waiting for
// whatever else works on it; `cpu` is what the server itself used for a request.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const binary = process.env.OPENCLAWSSY_BIN;
const seed = process.env.OPENCLAWSSY_SEED;
const requests = Number(process.argv[2] ?? 200);
const PASSWORD = 'correct horse 42';
/** What each page must stay under for 99 of 100 requests, in milliseconds. */
const GOAL = 20;

const data = mkdtempSync(join(tmpdir(), 'openclawssy-bench-'));
const common = ['--data', data];

async function start() {
  const child = spawn(binary, ['serve', '--addr', '127.0.0.1:0', ...common], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, RUST_LOG: 'info' },
  });
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

const spread = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(2));
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
};

/** Processor time of a process so far, in milliseconds; Linux counts in hundredths of a second. */
function used(pid) {
  if (!existsSync('/proc/self/stat')) return NaN;
  const [, rest] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user, system] = rest.split(' ').slice(11, 13);
  return (Number(user) + Number(system)) * 10;
}

async function signIn(url) {
  const body = new URLSearchParams({ name: 'bench', password: PASSWORD });
  const headers = { origin: url, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' };
  const response = await fetch(`${url}/fn/login`, { method: 'POST', body, headers, redirect: 'manual' });
  return response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]).join('; ');
}

try {
  execFileSync(binary, ['users', 'add', 'bench', '--role', 'owner', ...common], { input: `${PASSWORD}\n`, stdio: ['pipe', 'ignore', 'ignore'] });
  process.stderr.write(execFileSync(seed, [data], { encoding: 'utf8' }));
  const { child, url } = await start();
  const cookie = await signIn(url);
  const get = async (path) => {
    const begun = performance.now();
    const response = await fetch(url + path, { headers: { cookie } });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${text.slice(0, 200)}`);
    return { ms: performance.now() - begun, text };
  };
  const first = async (path) => JSON.parse((await get(path)).text);
  const { items: runs, next_cursor: cursor } = await first('/v1/runs');
  const long = runs.map((run) => run.session_id).find((id, n, all) => all.indexOf(id) !== n) ?? runs[0].session_id;
  const paths = [
    '/',
    '/chat',
    `/chat/${long}`,
    '/runs',
    '/runs?status=failed',
    '/runs?source=api',
    `/runs?cursor=${cursor}`,
    `/runs/${runs[0].id}`,
    '/sessions',
    '/sessions?q=zebra',
    `/sessions/${long}`,
    '/agents',
    '/agents/guide',
    '/agents/new',
    '/settings',
    '/settings/providers/new',
    '/help',
    '/health',
    '/v1/runs',
    '/v1/runs?status=cancelled',
    '/v1/sessions',
    `/v1/sessions/${long}/messages`,
    `/v1/runs/${runs[0].id}/events`,
    '/api/admin/status',
    ...(process.env.BENCH_PATHS?.split(' ') ?? []),
  ];
  const times = {};
  for (const path of paths) {
    for (let n = 0; n < 5; n += 1) await get(path);
    const [taken, before] = [[], used(child.pid)];
    for (let n = 0; n < requests; n += 1) taken.push((await get(path)).ms);
    times[path.replace(/(run|ses)_[0-9a-f]+/, '{id}').replace(/cursor=.*/, 'cursor={cursor}')] = {
      ...spread(taken),
      cpu: Number(((used(child.pid) - before) / requests).toFixed(1)),
    };
  }
  const over = Object.entries(times).filter(([, { p99 }]) => p99 > GOAL).map(([path]) => path);
  const bytes = statSync(join(data, 'openclawssy.db')).size;
  console.log(JSON.stringify({ requests, database_bytes: bytes, milliseconds: times, over_goal: over }, null, 2));
  await new Promise((done) => (child.on('exit', done), child.kill('SIGTERM')));
} finally {
  rmSync(data, { recursive: true, force: true });
}
