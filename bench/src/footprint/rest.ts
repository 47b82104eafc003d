import { performance } from 'node:perf_hooks'
import { type SubjectName, subjects } from '../subjects/catalogue.ts'

// Loads something, tells how long that took, and stays at rest until its input ends.
const [what = 'nothing'] = process.argv.slice(2)
const before = performance.now()
if (what === 'program') await import('../../../src/cli/start.ts')
const make = what in subjects ? await subjects[what as SubjectName].load() : undefined
const importMs = performance.now() - before
const subject = await make?.({
  commands: 50,
  waits: false,
  handle: (_session, texts) => texts.join(' '),
  sink: () => {},
})
await subject?.deliver(1, 'cmd0 1')
process.stdout.write(`${importMs}\n`)
process.stdin.on('end', () => process.exit(0)).resume()
