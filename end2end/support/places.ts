// Every page there is, with content that is hard to lay out.

import { expect, test, type Page } from '@playwright/test';

import { open } from './page.ts';
import type { Program } from './program.ts';
import { leaveQuestion, WRITE } from './question.ts';
import type { Server } from './server.ts';
import { signInOver } from './sign-in.ts';

const WORD = 'w'.repeat(300);
const FILE = `${WORD.slice(0, 80)}.txt`;

/** What the browser notes of the addresses here that lead nowhere. */
export const LEADS_NOWHERE = /\b404\b.*\/(nowhere|runs\/nope)\)?$/;

/** Calls `look` on each page, with its name and path. */
export async function visitAll(
  page: Page,
  server: Server,
  look: (name: string, path: string) => Promise<void>,
): Promise<void> {
  const visit = async (pages: Record<string, string>) => {
    for (const [name, path] of Object.entries(pages)) {
      await test.step(name, async () => {
        await open(page, path);
        await look(name, path);
      });
    }
  };
  await visit({ setup: '/setup' });
  const owner = await server.addOwner();
  await visit({ login: '/login' });
  await signInOver(page.context(), server);
  await visit({ 'the first overview': '/' });
  await visit(await inside(owner));

  const call = JSON.stringify({ path: FILE, content: WORD });
  const question = { ...WRITE, message: WORD, arguments: call, reason: WORD };
  const { session } = await leaveQuestion(server, question);
  await visit({ approvals: '/approvals', 'a session that asks': `/chat/${session}` });

  const { id, session_id } = await owner.say('slow long work in 20 steps');
  await expect.poll(async () => (await owner.run(id)).calls).toBeGreaterThan(0);
  await visit({ 'a session at work': `/chat/${session_id}`, 'a run at work': `/runs/${id}` });
  await owner.cancel(id);
}

/** The pages of a person who has worked a little. */
async function inside(owner: Program): Promise<Record<string, string>> {
  const first = await owner.say(`write ${WORD} to ${FILE}`);
  const session = first.session_id;
  for (const message of [`read ${FILE}`, `write ${WORD}`, 'read nothing.txt', 'work in 1 step']) {
    await owner.say(message, session);
  }
  for (const run of await owner.runs()) await owner.ended(run.id);
  return {
    overview: '/',
    'new session': '/chat',
    session: `/chat/${session}`,
    runs: '/runs',
    'no questions': '/approvals',
    'the record': '/audit',
    'no such rows': '/audit?kind=expired',
    agents: '/agents',
    'a new agent': '/agents/new',
    'an agent': '/agents/guide',
    help: '/help',
    'no runs': '/runs?status=failed&source=cli',
    health: '/health',
    sessions: '/sessions',
    'a search': '/sessions?q=www',
    'a session to manage': `/sessions/${session}`,
    settings: '/settings',
    'a new provider': '/settings/providers/new',
    run: `/runs/${first.id}`,
    'a run that does not exist': '/runs/nope',
    'a page that does not exist': '/nowhere',
  };
}
