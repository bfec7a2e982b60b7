import { defineConfig } from 'vitest/config';

/** The suites that hold the product against reference data in `../shared/data` (or `FOREWARN_DATA_SET`). */
export default defineConfig({
  test: {
    include: ['**/src/**/*.conformance.ts', 'tools/**/*.conformance.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 900_000,
    hookTimeout: 900_000,
    pool: 'forks',
  },
});
