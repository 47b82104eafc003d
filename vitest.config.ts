import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/*.test.ts'],
    exclude: ['test/e2e/**'],
    // Real git, processes and PTYs: what bounds a test is the machine, so the limit only catches a hang.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
  },
})
