import { defineConfig } from '@playwright/test';

const browser = {
  launchOptions: {
    executablePath: process.env.CHROMIUM_PATH,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  },
};

// What a person does must work with scripts and without.
const bothWays = /(agents|approvals|audit|first-steps|guidance|health|journey|phone|refused-forms|sessions|settings|steering|no-scripts)\.spec\.ts/;
// Not to be had everywhere; `./dev` says so where it is left out.
const realModel = /real-model\.spec\.ts/;
const noBrowser = /(command-line|curl|provider-forms)\.spec\.ts/;

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: 'list',
  timeout: 60_000,
  expect: { timeout: 15_000 },
  use: {
    ...browser,
    viewport: { width: 1280, height: 800 },
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'scripts on', testIgnore: process.env.LLAMA_PYTHON ? noBrowser : [noBrowser, realModel] },
    { name: 'scripts off', testMatch: bothWays, use: { javaScriptEnabled: false } },
    { name: 'no browser', testMatch: noBrowser },
  ],
});
