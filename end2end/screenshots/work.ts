// What a person has done so far, on the pictures.

import { expect } from '@playwright/test';

import type { Program, Run } from '../support/program.ts';
import { leaveQuestion } from '../support/question.ts';
import type { Server } from '../support/server.ts';

/** The newest run of each session that is there to be looked at. */
export interface Filled {
  calls: Run;
  prose: Run;
  atWork: Run;
  failed: Run;
  cancelled: Run;
  many: Run;
  closed: Run;
  /** A run that asks how to go on. */
  lost: Run;
  /** The session of a run that asks about a call. */
  question: string;
}

const QUESTION = {
  message: 'Replace the plan of the week with the shorter one we spoke of',
  tool: 'fs.write',
  arguments: JSON.stringify({
    path: 'plans/2026-w48/plan.md',
    content: `# Week 48\n\n${'- paint the door, call Grace, buy oats\n'.repeat(6)}`,
  }),
  reason: 'It replaces a file that holds something else.',
  seconds: 3600,
};

/** More turns than one page of a session shows. */
const MANY = 56;

export async function fill(server: Server, owner: Program, model: string): Promise<Filled> {
  const answered = await leaveQuestion(server, QUESTION);
  const [asked] = (await owner.get<{ items: { id: string }[] }>('/v1/approvals')).items;
  const note = 'Keep the old plan, write a new file beside it.';
  await owner.post(`/v1/approvals/${asked!.id}`, { decision: 'deny', note });
  await owner.ended(answered.run);
  const lapsed = await leaveQuestion(server, { ...QUESTION, seconds: 0 });
  await owner.ended(lapsed.run);
  const { session: question } = await leaveQuestion(server, QUESTION);

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

  const lost = await begin('writer', 'Add up the ledger of this year');
  await expect.poll(async () => (await owner.run(lost.id)).status).toBe('waiting_guidance');

  const atWork = await begin('writer', 'Go through the archive and say what can be deleted');
  await expect.poll(async () => (await owner.events(atWork.id)).length).toBeGreaterThan(2);
  await owner.say('Then tell me how much room that makes', atWork.session_id);
  const steered = { message: 'Leave out 2024', session_id: atWork.session_id, delivery: 'steer' };
  await owner.post('/v1/chat/messages', steered);
  return { calls, prose, atWork, failed, cancelled, many, closed, lost, question };
}
