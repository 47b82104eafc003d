import type { Criterion } from './item.ts'

/** A line of a body that is a criterion. */
interface CriterionLine extends Criterion {
  readonly number: number
}

/** The criteria of an item: the `- [ ] text` lines of its body outside code blocks, in order. */
export function readCriteria(body: string): Criterion[] {
  return criterionLines(body).map(({ text, met }) => ({ text, met }))
}

/** The body with criterion `index` (from 1) ticked or not; undefined when there is no such one. */
export function tickCriterion(body: string, index: number, met: boolean): string | undefined {
  const line = criterionLines(body)[index - 1]
  if (!line) return undefined
  const lines = body.split('\n')
  lines[line.number] = (lines[line.number] ?? '').replace(/\[.\]/, met ? '[x]' : '[ ]')
  return lines.join('\n')
}

function criterionLines(body: string): CriterionLine[] {
  // A start reads every body, and most have none.
  if (!body.includes(' [')) return []
  const found: CriterionLine[] = []
  let inCode = false
  for (const [number, line] of body.split('\n').entries()) {
    const content = line.trimStart()
    if (content.startsWith('```') || content.startsWith('~~~')) inCode = !inCode
    const criterion = inCode ? undefined : readLine(content)
    if (criterion) found.push({ number, ...criterion })
  }
  return found
}

/** Written out, because a regular expression takes three times as long. */
function readLine(line: string): Criterion | undefined {
  const isBox = (line[0] === '-' || line[0] === '*') && line.startsWith(' [', 1) && line[4] === ']'
  const mark = line[3]
  if (!isBox || (mark !== ' ' && mark !== 'x' && mark !== 'X')) return undefined
  const rest = line.slice(5)
  const text = rest.trim()
  return text === '' || rest.trimStart() === rest ? undefined : { text, met: mark !== ' ' }
}
