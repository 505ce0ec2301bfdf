// Everything that a page ever shows in one place, also between two looks at it.

import type { Page } from '@playwright/test';

/** The texts of the elements that fit, from now on; more than one makes a text with `+`. */
export async function collectShown(page: Page, selector: string): Promise<Set<string>> {
  const texts = new Set<string>();
  await page.exposeFunction('tellShown', (text: string) => texts.add(text));
  await page.addInitScript((selector) => {
    const { tellShown } = window as unknown as { tellShown(text: string): void };
    const look = () => {
      const found = [...document.querySelectorAll(selector)];
      tellShown(found.map((element) => element.textContent?.trim()).join(' + '));
    };
    const changes = { subtree: true, childList: true, characterData: true };
    new MutationObserver(look).observe(document, changes);
  }, selector);
  return texts;
}
