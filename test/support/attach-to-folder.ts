// A stand-in for `huskies attach N` of an item without an agent: joins its own terminal to a folder.
import { attach } from '../../src/agents/attach/attach.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { LocalProcessHost } from '../../src/processes/local-process-host.ts'

const [worktree = '', runsDirectory = ''] = process.argv.slice(2)
const target = { item: 3, worktree, facts: { HUSKIES_ITEM: '3' } }
process.exitCode = await attach(target, {
  host: new LocalProcessHost({ runsDirectory, installation: '0123abcd', clock: systemClock }),
  clock: systemClock,
  terminal: { input: process.stdin, output: process.stdout },
  environment: process.env,
})
