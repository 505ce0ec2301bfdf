// No page has a serious fault that axe-core finds, in light and dark.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';

import { visitAll } from '../support/places.ts';
import { expect, test } from '../support/test.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

// Without motion, so that no colour is caught half-way.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

for (const width of [1280, 390]) {
  test(`no serious faults, ${width} wide`, async ({ page, server, troubles }) => {
    troubles.allow(/404/);
    const axe = await readFile(AXE, 'utf8');
    await page.setViewportSize({ width, height: 800 });
    await visitAll(page, server, async (name) => {
      await page.evaluate(axe);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect.soft(await seriousFaults(page), `${name}, ${colorScheme}`).toEqual([]);
      }
    });
  });
}

async function seriousFaults(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate(() => {
    const { axe } = window as unknown as { axe: { run(): Promise<AxeResults> } };
    return axe.run();
  });
  return violations
    .filter((fault) => fault.impact === 'serious' || fault.impact === 'critical')
    .flatMap((fault) => fault.nodes.map((node) => `${fault.id}: ${node.html}`));
}
