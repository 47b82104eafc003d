import { writeSync } from 'node:fs'
import { systemClock } from '../../src/kernel/clock.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { DocumentPipeline } from '../../src/pipeline/document/document-pipeline.ts'
import { Journal } from '../../src/pipeline/document/journal.ts'
import { snapshotApart, snapshotHere } from '../../src/pipeline/document/snapshot.ts'
import { JournalCompaction } from '../../src/pipeline/reconcilers/journal-compaction.ts'
import { openDatabase } from '../../src/projects/database.ts'
import { seeded } from './seeded.ts'

// Changes items without end, several in a turn, sends them to the archive and back, and keeps the journal
// short meanwhile, so that a test can kill it anywhere. Says each change on standard output once it is acknowledged: `7 12` when item
// 7 has its 12th text, `7 gone` when it was deleted.
const [state = '', seed = '1'] = process.argv.slice(2)
const random = seeded(Number(seed))
const by = { kind: 'person', id: 'terminal:anna' } as const
const { store, head } = openDatabase(state, systemClock.now())
const pipeline = new DocumentPipeline(store, systemClock, silentLog, { maxRetries: 3, head })
const journal = new Journal(store)
// A thread takes a while to start, and would rarely be done before the kill.
const makeSnapshot = Number(seed) % 3 === 0 ? snapshotApart : snapshotHere
const compaction = new JournalCompaction({
  ...{ journal, clock: systemClock, makeSnapshot, longestJournal: 15 },
  renewIfWorn: () => store.transaction(() => pipeline.stored.renewIfWorn()),
})
const never = new AbortController().signal
let compacting = false

const say = (line: string) => void writeSync(1, `${line}\n`)
say('ready')
for (;;) {
  const changes = Array.from({ length: 1 + Math.floor(random() * 4) }, () => store.commit(change))
  for (const line of await Promise.all(changes)) say(line)
  if (compacting || [...compaction.keys()].length === 0) continue
  compacting = true
  void compaction.reconcile('journal', never).finally(() => {
    compacting = false
  })
}

function change(): string {
  const items = pipeline.all()
  const item = items[Math.floor(random() * items.length)]
  const draw = random()
  if (!item || draw < 0.2) {
    const { id } = pipeline.create({ type: 'story', name: 'item', body: '1' }, by)
    return `${id} 1`
  }
  if (draw < 0.25) {
    pipeline.delete(item.id, by)
    return `${item.id} gone`
  }
  if (draw < 0.4) {
    if (item.stage.kind === 'archived') pipeline.apply(item.id, { type: 'reopen' }, by)
    else {
      pipeline.apply(item.id, { type: 'close' }, by)
      pipeline.apply(item.id, { type: 'accept' }, by)
    }
    return `${item.id} ${item.body}`
  }
  const text = Number(item.body) + 1
  pipeline.edit(item.id, { body: String(text) }, by)
  return `${item.id} ${text}`
}
