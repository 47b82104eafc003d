const reserved = new Set('_*[]()~`>#+-=|{}.!')
const marks = ['__', '||', '*', '_', '~'] as const

/**
 * Reads what Telegram calls MarkdownV2 as its documentation says, and returns what people see. Throws
 * `Error` where a mark is not closed, or a character stands alone that is a mark.
 */
export function readMarkdownV2(source: string): string {
  const open: string[] = []
  let text = ''
  let at = 0
  let begins = true
  while (at < source.length) {
    const rest = source.slice(at)
    const inCode = open.at(-1)?.startsWith('`') ?? false
    const taken = inCode ? code(rest) : begins && rest.startsWith('>') ? 1 : prose(rest)
    begins = !inCode && rest.startsWith('\n')
    at += taken
  }
  if (open.length > 0) throw new Error(`can't find the end of "${open.at(-1)}"`)
  return text

  /** How much of the rest was read. */
  function code(rest: string): number {
    const mark = open.at(-1) ?? ''
    if (!rest.startsWith(mark)) return plain(rest)
    open.pop()
    return mark.length
  }

  function prose(rest: string): number {
    if (rest.startsWith('```')) {
      open.push('```')
      return /^```(\w+\n)?/.exec(rest)?.[0].length ?? 3
    }
    if (rest.startsWith('`')) return begin('`')
    if (rest.startsWith('![')) return begin('![')
    if (rest.startsWith('[')) return begin('[')
    if (rest.startsWith(']')) return link(rest)
    const mark = marks.find((one) => rest.startsWith(one))
    if (mark === undefined) return plain(rest)
    if (open.at(-1) !== mark) return begin(mark)
    open.pop()
    return mark.length
  }

  function begin(mark: string): number {
    if (open.includes(mark)) throw new Error(`"${mark}" in "${mark}"`)
    open.push(mark)
    return mark.length
  }

  function link(rest: string): number {
    if (!open.at(-1)?.endsWith('[')) throw new Error('unexpected "]"')
    open.pop()
    if (!rest.startsWith('](')) return 1
    const address = /^\]\((?:\\.|[^\\)])*\)/s.exec(rest)
    if (!address) throw new Error("can't find the end of an address")
    return address[0].length
  }

  function plain(rest: string): number {
    const [first = ''] = rest
    if (/^\\[\t\n -~]/.test(rest)) {
      text += rest.charAt(1)
      return 2
    }
    const isCode = open.at(-1)?.startsWith('`') ?? false
    if (!isCode && reserved.has(first)) throw new Error(`"${first}" must be escaped`)
    text += first
    return first.length
  }
}
