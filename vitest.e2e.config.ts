import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    // Each suite runs the whole program with its agents; side by side they would only slow each other.
    fileParallelism: false,
  },
})
