// What a person has done so far, on the pictures.

import { expect } from '@playwright/test';

import type { Program, Run } from '../support/program.ts';

/** The newest run of each session that is there to be looked at. */
export interface Filled {
  calls: Run;
  prose: Run;
  atWork: Run;
  failed: Run;
  cancelled: Run;
  many: Run;
  closed: Run;
}

/** More turns than one page of a session shows. */
const MANY = 56;

export async function fill(owner: Program, model: string): Promise<Filled> {
  await owner.post('/api/admin/providers', {
    name: 'near',
    preset: 'custom',
    base_url: model,
    key: 'sk-for-a-picture',
  });
  await owner.post('/api/admin/providers/test', { name: 'near' });
  const agent = (name: string, model: string, instructions: string) =>
    owner.post('/api/admin/agents', { name, model, instructions });
  await agent('writer', 'near/quick-8b', 'You write plainly and briefly. Show figures as a table.');
  await agent('careful', 'near/careful-120b-instruct-2026-10', 'Check twice before you answer.');
  await agent('retired', 'near/quick-70b', 'You answered the mail.');
  const begin = (name: string, message: string) =>
    owner.post<Run>('/v1/chat/messages', { message, agent_id: name });

  const closed = await begin('retired', 'Sort the mail of last week');
  await owner.ended(closed.id);
  await owner.patch('/api/admin/agents/retired', { status: 'disabled' }, {});

  const first = await begin('writer', 'Remind me what is still open, one by one');
  let many = first;
  for (let n = 2; n <= MANY; n += 1) {
    await owner.ended(many.id);
    many = await owner.say(`And number ${n}?`, first.session_id);
  }
  await owner.ended(many.id);

  const failed = await begin('careful', 'Compare the invoice with the order and list what differs');
  await owner.ended(failed.id);

  const start = await owner.say('write Buy oats, paint the door, call Grace to notes.txt');
  await owner.ended(start.id);
  for (const message of ['list files', 'read missing-notes.txt']) {
    await owner.ended((await owner.say(message, start.session_id)).id);
  }
  const calls = await owner.say('read notes.txt', start.session_id);
  await owner.ended(calls.id);

  const cancelled = await owner.say('slow long work in 20 steps');
  await expect.poll(async () => (await owner.run(cancelled.id)).calls).toBeGreaterThan(2);
  await owner.cancel(cancelled.id);
  await owner.ended(cancelled.id);

  const prose = await begin('writer', 'What changed between the releases 1.3 and 1.4? Be exact.');
  await owner.ended(prose.id);

  const atWork = await begin('writer', 'Go through the archive and say what can be deleted');
  await expect.poll(async () => (await owner.events(atWork.id)).length).toBeGreaterThan(2);
  await owner.say('Then tell me how much room that makes', atWork.session_id);
  return { calls, prose, atWork, failed, cancelled, many, closed };
}
