// The command line beside a running server, on the same data.

import { join } from 'node:path';

import { Curl } from '../support/curl.ts';
import { OWNER } from '../support/server.ts';
import { expect, test } from '../support/test.ts';

test('ask answers on standard output, and the run is on record', async ({ server, owner }) => {
  const { code, stdout, stderr } = await server.begin(['ask', 'what time is it']).ended();
  expect(code).toBe(0);
  expect(stdout).toMatch(/The clock of this server says:\n\n```\nutc: \d{4}-/);
  // What is not the answer stands elsewhere, so that the answer can be piped on.
  expect(stdout).not.toContain('time.now');
  expect(stderr).toContain('> time.now');

  const [run] = await owner.runs('&source=cli');
  expect(run).toMatchObject({ status: 'done', source: 'cli', message: 'what time is it' });
  expect(stderr).toContain(run!.id);
  const person = new Curl(server.url, server.data);
  const list = await person.form('/fn/login', { ...OWNER, next: '/runs?source=cli' });
  expect(list.url).toBe('/runs?source=cli');
  expect(list.body.includes(`href="/runs/${run!.id}"`)).toBe(true);

  // The session goes on from the terminal.
  const more = ['ask', '--session', run!.session_id, 'list', 'files'];
  expect(await server.run(more)).toContain('There is nothing in');
  expect((await owner.runs()).map((each) => each.session_id)).toEqual([
    run!.session_id,
    run!.session_id,
  ]);
});

test('Ctrl-C stops the run that was asked for', async ({ server, owner }) => {
  const ask = server.begin(['ask', 'count to 100']);
  await ask.says('stdout', /1 2 3/);
  const { code, stdout } = await ask.endedBy('SIGINT');
  expect(code).toBe(1);
  expect(stdout).not.toContain('99');
  const [run] = await owner.runs();
  expect(run!.status).toBe('cancelled');
  const events = await owner.events(run!.id);
  expect(events.at(-1)).toMatchObject({ type: 'run.end', status: 'cancelled' });
});

test('a refused question ends with 1 and a sentence', async ({ server }) => {
  await server.addOwner();
  const { code, stdout, stderr } = await server.begin(['ask', '--agent', 'nobody', 'hi']).ended();
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^openclawssy: \S/m);
});

test('the record is listed and verified, and is no other key\'s', async ({
  server,
  owner,
}) => {
  // What the first agent may do is on record already.
  const given = /^(\d+) rows are as written/.exec(await server.run(['audit', 'verify']));
  const rows = Number(given![1]) + 2;
  await owner.ended((await owner.say('what time is it')).id);
  expect(await server.run(['audit', 'list'])).toMatch(new RegExp(`^ *${rows} .*ran .*time\\.now`, 'm'));
  const whole = JSON.parse(await server.run(['audit', 'verify', '--json'])) as { head: number };
  expect(whole).toMatchObject({ rows, head: rows, bad: null });
  await server.run(['agents', 'grants', 'profile', 'guide', 'read_only']);
  expect(await server.run(['agents', 'grants', 'list', 'guide'])).toContain('allow fs.read');

  const other = ['--secret-key-file', join(server.data, 'other.key')];
  const { code, stdout } = await server.begin(['audit', 'verify', ...other]).ended();
  expect(code).toBe(1);
  expect(stdout).toMatch(/^Row \d+ is bad\. The signature of the record's end is not by/);
});

test('doctor and migrate', async ({ server }) => {
  const early = await server.begin(['doctor']).ended();
  expect(early.code).toBe(1);
  expect(early.stdout).toMatch(/^trouble +first owner/m);
  await server.addOwner();
  const report = await server.run(['doctor']);
  expect(report).toMatch(/^ok +database/m);
  expect(report).toMatch(/^ok +first owner +ada$/m);
  expect(report).not.toContain('trouble');
  await server.run(['migrate']);
});

for (const args of [['nonsense'], ['ask'], ['serve', '--addr', 'nowhere'], ['doctor', '--loud']]) {
  test(`wrong usage: ${args.join(' ')}`, async ({ server }) => {
    const { code, stdout, stderr } = await server.begin(args).ended();
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('error:');
  });
}

test('a server that is asked to stop in the middle of a run', async ({ server, owner }) => {
  const { id, session_id } = await owner.say('slow long work in 20 steps');
  await expect.poll(async () => (await owner.run(id)).calls).toBeGreaterThan(0);
  const ended = await server.stop();
  expect(ended!.code).toBe(0);

  await server.start();
  const run = await owner.run(id);
  expect(run).toMatchObject({ status: 'interrupted', error: { code: 'interrupted' } });
  expect(run.steps).toBeLessThan(20);
  const next = await owner.say('what time is it', session_id);
  expect((await owner.ended(next.id)).status).toBe('done');
});

test('agents are made, changed and deleted from the command line', async ({ server, owner: _ }) => {
  const file = ['--instructions-file', '-', '--folder', 'texts'];
  const made = await server.run(['agents', 'add', 'writer', ...file], 'Write.\n');
  expect(made).toContain('writer is active');
  expect(await server.run(['agents', 'list'])).toMatch(/guide +active[^]*writer +active/);
  await server.run(['agents', 'edit', 'writer', '--rename', 'poet', '--agent-model', 'demo/guide']);
  await server.run(['ask', '--agent', 'poet', 'what time is it']);
  // The server's model is not the agent's; who mixes them up is told.
  const nothing = await server.begin(['agents', 'edit', 'poet', '--model', 'demo/guide']).ended();
  expect(nothing.code).toBe(1);
  expect(nothing.stderr).toContain('nothing to change');

  await server.run(['agents', 'disable', 'poet']);
  const refused = await server.begin(['ask', '--agent', 'poet', 'hello']).ended();
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('disabled');
  await server.run(['agents', 'enable', 'poet']);

  const wrong = await server.begin(['agents', 'delete', 'poet', '--confirm', 'writer']).ended();
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain('poet');
  const said = await server.run(['agents', 'delete', 'poet', '--confirm', 'poet']);
  expect(said).toContain('workspaces/texts');
  expect(await server.run(['agents', 'list'])).not.toContain('poet');
});
