import { systemClock } from '../../src/kernel/clock.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { openRepository } from '../../src/pipeline/git/repository.ts'
import { GitTrunk } from '../../src/pipeline/git/trunk.ts'
import { Store } from '../../src/store/store.ts'
import { FakeSetup } from './fake-setup.ts'

// Lands one branch in a process of its own, so that a test can kill it in the middle.
const [root = '', directory = '', database = '', branch = ''] = process.argv.slice(2)
const repository = await openRepository(root, { environment: process.env })
const trunk = new GitTrunk({
  repository,
  directory,
  setup: new FakeSetup(),
  store: Store.open(database),
  clock: systemClock,
  log: silentLog,
})
const result = await trunk.squash(branch, 'huskies: merge')
if (result.kind !== 'squashed') throw new Error(result.kind)
process.stdout.write('ready\n')
await trunk.land(1, result.squash)
