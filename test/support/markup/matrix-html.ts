/** What the specification of Matrix lets stand in a `formatted_body`, and with which attributes. */
const allowed: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  ...Object.fromEntries(
    'del h1 h2 h3 h4 h5 h6 blockquote p ul li b i u strong em s pre table thead tbody tr th td br hr'
      .split(' ')
      .map((tag) => [tag, {}]),
  ),
  a: { href: /^(https?|ftp|mailto|magnet):./i },
  ol: { start: /^\d+$/ },
  code: { class: /^language-\S+$/ },
}
const empty = ['br', 'hr']
const references: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }
/** What may only stand directly in one of these. */
const parents: Readonly<Record<string, readonly string[]>> = {
  li: ['ul', 'ol'],
  thead: ['table'],
  tbody: ['table'],
  tr: ['thead', 'tbody'],
  th: ['tr'],
  td: ['tr'],
}
const blocks = ['p', 'ul', 'ol', 'li', 'blockquote', 'pre', 'table', 'tr', 'br', 'hr']

interface Open {
  readonly tag: string
  /** Where a link leads. */
  readonly url: string
  /** Where it begins in the text. */
  readonly from: number
  /** The number of a list's next item. */
  next: number
}

/**
 * Reads the HTML of a message as strictly as the specification allows, and returns what people see,
 * with the numbers of lists, the languages of code and the addresses of links. Throws `Error`.
 */
export function readMatrixHtml(html: string): string {
  const open: Open[] = []
  let text = ''
  const token = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+="[^"]*")*)>|&(\w+);|([^<>&]+)|(.)/gsy
  for (const [whole, slash, tag, attributes = '', reference, plain] of html.matchAll(token)) {
    if (plain !== undefined) text += plain
    else if (reference !== undefined) text += decoded(reference)
    else if (tag === undefined) throw new Error(`unexpected "${whole}" in ${html}`)
    else if (slash) text += closed(tag)
    else text += opened(tag, attributes)
  }
  if (open.length > 0) throw new Error(`"${open.at(-1)?.tag}" is not closed in ${html}`)
  return text

  function closed(tag: string): string {
    const last = open.pop()
    if (last?.tag !== tag) throw new Error(`unexpected end of "${tag}" in ${html}`)
    const shown = text.slice(last.from)
    const bare = [shown, `http://${shown}`, `mailto:${shown}`].includes(last.url)
    if (tag === 'a') return bare ? '' : ` (${last.url})`
    return blocks.includes(tag) ? '\n' : ''
  }

  function opened(tag: string, attributes: string): string {
    const known = allowed[tag]
    if (!known) throw new Error(`"${tag}" is not allowed`)
    const parent = open.at(-1)
    if (parents[tag]?.includes(parent?.tag ?? '') === false)
      throw new Error(`"${tag}" in "${parent?.tag}"`)
    if (tag === 'a' && open.some((one) => one.tag === 'a')) throw new Error('a link in a link')
    const given = [...attributes.matchAll(/([a-z-]+)="([^"]*)"/g)]
    for (const [, name = '', value = ''] of given)
      if (!known[name]?.test(decodedAll(value))) throw new Error(`${name}="${value}" of "${tag}"`)
    const value = decodedAll(given[0]?.[2] ?? '')
    if (empty.includes(tag)) return '\n'
    open.push({ tag, url: value, from: text.length, next: Number(value) || 1 })
    if (tag === 'li' && parent?.tag === 'ol') return `${parent.next++}. `
    if (tag === 'code') return `${value.replace('language-', '')} `
    return tag === 'td' || tag === 'th' ? ' ' : ''
  }
}

function decodedAll(text: string): string {
  return text.replace(/&(\w+);/g, (_, name: string) => decoded(name))
}

function decoded(name: string): string {
  const character = references[name]
  if (character === undefined) throw new Error(`unknown reference "${name}"`)
  return character
}
