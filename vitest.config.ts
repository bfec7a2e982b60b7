import { defineConfig } from 'vitest/config';

/** The tests that need nothing but the repository. */
export default defineConfig({
  test: {
    include: ['**/src/**/*.test.ts', 'content/**/*.test.ts', 'tools/**/*.test.ts', 'bench/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    // Ceilings for what hangs, not measures: a busy machine of two cores takes its time.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    pool: 'forks',
  },
});
