/**
 * Plays schedules of the simulation for as long as one likes, each of another seed, and stops at the
 * first that breaks a promise: `npm run test:soak -- 30` for thirty minutes, and
 * `npm run test:soak -- 30 7000` for the same from seed 7000 on.
 */
import { randomInt } from 'node:crypto'
import { simulate } from './simulation.ts'

const [minutes = 10, first = randomInt(2 ** 31)] = process.argv.slice(2).map(Number)
if (!(minutes > 0) || !Number.isSafeInteger(first)) {
  process.stderr.write('Say for how many minutes, and perhaps from which seed on: 30 7000\n')
  process.exit(2)
}

const end = performance.now() + minutes * 60_000
const tellEveryMs = 10_000
let [told, steps, seed] = [performance.now(), 0, first]
print(`From seed ${first} on, for ${minutes} minutes.`)
do {
  try {
    steps += (await simulate(seed)).steps
  } catch (error) {
    const what = error instanceof Error ? error.stack : error
    print(`Seed ${seed}: ${what}\nReplay it: HUSKIES_SEED=${seed} npm test -- test/simulation`)
    process.exit(1)
  }
  seed += 1
  if (performance.now() - told < tellEveryMs) continue
  told = performance.now()
  tell()
} while (performance.now() < end)
tell()

function tell(): void {
  print(`Seeds ${first} to ${seed - 1} kept every promise, in ${steps} steps.`)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
