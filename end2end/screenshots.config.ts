// Pictures of every page, to be looked at: `./dev screenshots [FOLDER]`.

import { defineConfig } from '@playwright/test';

import tests from './playwright.config.ts';

export default defineConfig({
  ...tests,
  testDir: 'screenshots',
  outputDir: 'test-results/screenshots',
  timeout: 600_000,
  projects: [{ name: 'screenshots' }],
});
