import { defineConfig } from 'vitest/config';

const project = (name: string, testTimeout: number) => ({
  test: {
    name,
    include: [`tests/${name}/**/*.test.ts`],
    testTimeout,
    // A system of its own takes its time to start on a machine that is busy.
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000, interval: 100 } },
  },
});

const resultsFile = process.env.TEST_RESULTS_FILE;

export default defineConfig({
  test: {
    projects: [
      project('unit', 10_000),
      // Time and memory that hostile input may take: slow by their nature, so that they are a project of their own.
      project('limits', 60_000),
      project('integration', 60_000),
      project('infra', 60_000),
      project('simulation', 600_000),
      project('e2e', 120_000),
      project('browser', 120_000),
      project('real', 300_000),
    ],
    // Whoever adds up several runs reads the numbers from the file.
    reporters: resultsFile ? ['default', ['json', { outputFile: resultsFile }]] : ['default'],
    coverage: {
      provider: 'v8',
      reporter: ['text', 'html'],
      include: ['shared/**/*.ts', 'functions/**/*.ts'],
      thresholds: { lines: 80, branches: 80 },
    },
  },
});
