import { createColors } from 'picocolors'
import { Problem } from '../kernel/problem.ts'
import { type Checkup, checkups, Remark } from './checkups.ts'

/**
 * `huskies doctor`: looks at everything that a start needs, and says of each thing that is wrong how to
 * mend it. Returns 1 where something is.
 */
export async function doctor(): Promise<number> {
  const colours = createColors(process.stdout.hasColors?.() ?? false)
  let wrong = 0
  for (const checkup of checkups(process.cwd(), process.env)) {
    const { state, sentence } = await examine(checkup)
    if (sentence === undefined) continue
    if (state === 'wrong') wrong += 1
    const marks = { well: colours.green('✔'), remark: colours.dim('·'), wrong: colours.red('✖') }
    process.stdout.write(`${marks[state]} ${checkup.what}: ${sentence}\n`)
  }
  const verdict =
    wrong === 0 ? 'Nothing is wrong.' : `${wrong} ${wrong === 1 ? 'thing is' : 'things are'} wrong.`
  process.stdout.write(`${verdict}\n`)
  return wrong === 0 ? 0 : 1
}

async function examine({ look }: Checkup): Promise<{
  readonly state: 'well' | 'remark' | 'wrong'
  readonly sentence: string | undefined
}> {
  try {
    return { state: 'well', sentence: await look() }
  } catch (error) {
    if (error instanceof Remark) return { state: 'remark', sentence: error.message }
    if (!(error instanceof Problem)) throw error
    return { state: 'wrong', sentence: error.message }
  }
}
