import type { Criterion } from './item.ts'

const pattern = /^(\s*[-*] \[)([ xX])(\]\s+)(\S.*)$/
const fence = /^\s*(```|~~~)/

/** The criteria of an item: the `- [ ] text` lines of its body outside code blocks, in order. */
export function readCriteria(body: string): Criterion[] {
  return criterionLines(body).map(({ match }) => ({
    text: (match[4] ?? '').trim(),
    met: match[2] !== ' ',
  }))
}

/** The body with criterion `index` (from 1) ticked or not; undefined when there is no such one. */
export function tickCriterion(body: string, index: number, met: boolean): string | undefined {
  const line = criterionLines(body)[index - 1]
  if (!line) return undefined
  const lines = body.split('\n')
  lines[line.number] = (lines[line.number] ?? '').replace(pattern, `$1${met ? 'x' : ' '}$3$4`)
  return lines.join('\n')
}

function criterionLines(body: string): { number: number; match: RegExpExecArray }[] {
  let inCode = false
  return body.split('\n').flatMap((line, number) => {
    if (fence.test(line)) inCode = !inCode
    const match = inCode ? null : pattern.exec(line)
    return match ? [{ number, match }] : []
  })
}
