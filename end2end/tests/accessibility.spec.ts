// No page has a serious fault that axe-core finds, in light and dark.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import type { Page } from '@playwright/test';

import { LEADS_NOWHERE, visitAll } from '../support/places.ts';
import { expect, test } from '../support/test.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const OF_COLOUR = ['color-contrast', 'link-in-text-block'];

// Without motion, so that no colour is caught half-way.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

for (const width of [1280, 390]) {
  test(`no serious faults, ${width} wide`, async ({ page, server, troubles }) => {
    test.slow();
    troubles.allow(LEADS_NOWHERE);
    const axe = await readFile(AXE, 'utf8');
    await page.setViewportSize({ width, height: 800 });
    await visitAll(page, server, async (name) => {
      await page.evaluate(axe);
      await page.emulateMedia({ colorScheme: 'light' });
      expect.soft(await seriousFaults(page), `${name}, light`).toEqual([]);
      await page.emulateMedia({ colorScheme: 'dark' });
      expect.soft(await seriousFaults(page, OF_COLOUR), `${name}, dark`).toEqual([]);
    });
  });
}

async function seriousFaults(page: Page, rules?: string[]): Promise<string[]> {
  const { violations } = await page.evaluate(async (rules) => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    return axe.run({ resultTypes: ['violations'], ...(rules && { runOnly: rules }) });
  }, rules);
  return violations
    .filter((fault) => fault.impact === 'serious' || fault.impact === 'critical')
    .flatMap((fault) => fault.nodes.map((node) => `${fault.id}: ${node.html}`));
}
