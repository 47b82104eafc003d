import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { DocumentPipeline } from '../../../src/pipeline/document/document-pipeline.ts'
import { GateRecords } from '../../../src/pipeline/gates/gate-records.ts'
import type { Gates } from '../../../src/pipeline/gates.ts'
import { openRepository } from '../../../src/pipeline/git/repository.ts'
import { GitTrunk } from '../../../src/pipeline/git/trunk.ts'
import { MergeJudge } from '../../../src/pipeline/merge/merge-judge.ts'
import { MergeQueue } from '../../../src/pipeline/reconcilers/merge-queue.ts'
import { FakeSetup } from '../../../test/support/fake-setup.ts'
import { anna, openStore } from '../pipeline/project.ts'
import { gitEnvironment } from '../worktree/repository.ts'
import type { Queue } from './peers.ts'
import { branchOf, type Workplace } from './workplace.ts'

const never = new AbortController().signal

/** The program's own queue on its own database, `batch` items judged at a time. */
export function huskies(batch: number): Queue {
  return async (place, stories) => {
    const { folder, root } = place
    const surroundings = { clock: systemClock, log: silentLog }
    const store = openStore(join(folder, 'pipeline.db'))
    const directory = join(folder, 'worktrees')
    mkdirSync(directory)
    const repository = await openRepository(root, { environment: gitEnvironment })
    const setup = new FakeSetup()
    const trunk = new GitTrunk({ ...surroundings, repository, directory, setup, store })
    const pipeline = new DocumentPipeline(store, systemClock, silentLog, { maxRetries: 3 })
    const gateRecords = new GateRecords(store, systemClock)
    const judge = new MergeJudge({ trunk, gates: gatesOf(place), gateRecords, repeatOnce: true })
    const queue = new MergeQueue({
      ...{ ...surroundings, pipeline, trunk, judge, base: 'main', recovers: false, batch },
    })
    for (const story of stories) {
      const { id } = pipeline.create({ type: 'story', name: `Story ${story}` }, anna)
      const work = { branch: branchOf(story), ahead: 1 }
      pipeline.apply(id, { type: 'start' }, anna)
      pipeline.apply(id, { type: 'qa-skipped', work }, anna)
    }
    const made = await trunk.squash(branchOf(1), 'warm up')
    for (let lane = 0; made.kind === 'squashed' && lane < batch; lane++)
      await trunk.checkOut(made.squash, lane)
    return async (landed) => {
      pipeline.witness(({ item, entry }) => {
        if (entry.event === 'merged') landed(item.id)
      })
      while (pipeline.inStage('merge').length > 0) await queue.reconcile('merge', never)
      store.close()
    }
  }
}

function gatesOf(place: Workplace): Gates {
  return {
    async run(_key, directory, signal) {
      const passed = await place.judge(directory, signal)
      if (passed) return { passed, output: '', durationMs: 0 }
      const failure = { step: 'test', class: 'test', output: 'red' } as const
      return { passed, failure, output: 'red', durationMs: 0 }
    },
  }
}
