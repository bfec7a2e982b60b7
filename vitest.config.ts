import { defineConfig } from 'vitest/config';

/** The tests that need nothing but the repository. */
export default defineConfig({
  test: {
    include: ['**/src/**/*.test.ts', 'content/**/*.test.ts', 'tools/**/*.test.ts', 'bench/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
});
