// Pages fit where they are shown: on a desk, on a phone, above its keyboard,
// and on the narrowest screens.

import type { Page } from '@playwright/test';

import { LEADS_NOWHERE, visitAll } from '../support/places.ts';
import { expect, test } from '../support/test.ts';

const SIZES = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
  { width: 390, height: 500 },
  { width: 320, height: 640 },
];

test('nothing sticks out, and what sends a message is in reach', async ({
  page,
  server,
  troubles,
}) => {
  test.slow();
  troubles.allow(LEADS_NOWHERE);
  await visitAll(page, server, async (name, path) => {
    for (const size of SIZES) {
      await page.setViewportSize(size);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const where = `${name} at ${size.width}x${size.height}, ${colorScheme}`;
        expect.soft(await sticksOut(page), where).toEqual([]);
        if (path.startsWith('/chat')) expect.soft(await inReach(page, 'Send'), where).toBe(true);
      }
    }
  });
});

/** What makes the page scroll sideways, and what can be pressed but lies outside of it. */
function sticksOut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const name = (element: Element) => {
      const text = element.textContent?.trim().slice(0, 30);
      return `${element.tagName.toLowerCase()}.${element.className} ${text}`;
    };
    const scrolls = [document.scrollingElement!, ...document.querySelectorAll('main, .transcript')];
    const tooWide = scrolls.filter((element) => element.scrollWidth > element.clientWidth);
    // What scrolls by itself inside the page brings its own controls into view.
    const byItself = (element: Element): boolean => {
      const parent = element.parentElement;
      if (!parent || scrolls.includes(parent)) return false;
      return /auto|scroll/.test(getComputedStyle(parent).overflowX) || byItself(parent);
    };
    const controls = [...document.querySelectorAll('a, button, input, select, textarea, summary')];
    const outside = controls.filter((control) => {
      const { left, right, width } = control.getBoundingClientRect();
      const shown = width > 1 && control.checkVisibility() && !byItself(control);
      return shown && (right > innerWidth + 0.5 || left < -0.5);
    });
    return [...tooWide, ...outside].map(name);
  });
}

/** Whether a button lies wholly inside the window with nothing on top of it. */
async function inReach(page: Page, label: string): Promise<boolean> {
  const button = page.getByRole('button', { name: label });
  return button.evaluate((element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    const inside = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
    const corners = [left + 2, right - 2].flatMap((x) => [top + 2, bottom - 2].map((y) => [x, y]));
    corners.push([(left + right) / 2, (top + bottom) / 2]);
    const hit = ([x, y]: number[]) => document.elementFromPoint(x!, y!);
    return inside && corners.every((corner) => element.parentElement!.contains(hit(corner)));
  });
}
