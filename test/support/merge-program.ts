import { writeSync } from 'node:fs'
import { watchEffects } from './crash-points.ts'
import { settleScenario, type Way } from './merge-scenario.ts'

// Plays the scenario in a process of its own and names each point that it passes; at the point with
// the wanted number it is killed as by `kill -9`.
const [folder = '', way = 'alone', wanted = ''] = process.argv.slice(2)
let count = 0
watchEffects(folder, (point) => {
  count += 1
  if (String(count) === wanted) process.kill(process.pid, 'SIGKILL')
  writeSync(1, `${point}\n`)
})
await settleScenario(folder, way as Way)
