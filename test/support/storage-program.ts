import { writeSync } from 'node:fs'
import { importItems } from '../../src/pipeline/export/import-items.ts'
import { readExport } from '../../src/pipeline/export/read-export.ts'
import { openDatabase } from '../../src/projects/database.ts'
import { watchEffects } from './crash-points.ts'

// Opens the database in a folder in a process of its own, imports into it where there is something to
// import, and names each point that it passes; at the point with the wanted number it is killed as by
// `kill -9`.
const [state = '', exported = '', wanted = ''] = process.argv.slice(2)
let count = 0
watchEffects(state, (point) => {
  count += 1
  if (String(count) === wanted) process.kill(process.pid, 'SIGKILL')
  writeSync(1, `${point}\n`)
})
const { store, head } = openDatabase(state, Date.UTC(2030, 5, 7))
if (exported !== '') importItems(store, head, readExport(exported), 1)
store.close()
