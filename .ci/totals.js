// Adds up the test runner's reports and prints the closing line. A step that failed without a test
// to show for it (the checks, a suite that did not start) counts as one failure.
import { existsSync, readFileSync } from 'node:fs'

const [failedSteps, ...files] = process.argv.slice(2)
const totals = { passed: 0, failed: 0, skipped: 0 }
let redSuites = 0
for (const file of files) {
  if (!existsSync(file)) continue
  const report = JSON.parse(readFileSync(file, 'utf8'))
  totals.passed += report.numPassedTests
  totals.failed += report.numFailedTests
  totals.skipped += report.numPendingTests + report.numTodoTests
  if (report.numFailedTests > 0) redSuites += 1
}
totals.failed += Math.max(0, Number(failedSteps) - redSuites)
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed${skipped}\n`)
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0
