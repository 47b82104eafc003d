/** What a strict reader of Telegram's HTML has understood. */
export interface Understood {
  /** What people see. */
  readonly text: string
  readonly entities: readonly Entity[]
}

export interface Entity {
  readonly tag: string
  readonly offset: number
  readonly length: number
  readonly url?: string
  readonly language?: string
}

const known = [
  'b',
  'strong',
  'i',
  'em',
  'u',
  'ins',
  's',
  'strike',
  'del',
  'code',
  'pre',
  'a',
  'blockquote',
]
const references: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }

interface Open {
  readonly tag: string
  readonly offset: number
  readonly url?: string
  readonly language?: string
}

/**
 * Reads HTML as Telegram does, and is stricter in one thing: what Telegram would silently drop, since
 * it may not stand where it stands, is an error too. Throws `Error` with Telegram's own words.
 */
export function readTelegramHtml(html: string): Understood {
  const open: Open[] = []
  const entities: Entity[] = []
  let text = ''
  const token = /<(\/?)([a-z-]*)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*>|&(#?\w+);|([^<&]+)|(.)/gsy
  for (const [whole, slash, tag, attributes = '', reference, plain] of html.matchAll(token)) {
    if (plain !== undefined) text += plain
    else if (reference !== undefined) text += decoded(reference)
    else if (tag === undefined) throw fault(`unexpected "${whole}"`)
    else if (slash) text = close(tag)
    else open.push(opened(tag, attributes))
  }
  const [left] = open
  if (left) throw fault(`can't find end tag corresponding to start tag "${left.tag}"`)
  return { text, entities }

  function close(tag: string): string {
    const start = open.pop()
    if (start?.tag !== tag) throw fault(`unexpected end tag "${tag}"`)
    // The code in a pre is the name of its language.
    if (tag === 'code' && start.language !== undefined) {
      const pre = open.pop()
      if (pre) open.push({ ...pre, language: start.language })
    } else entities.push({ ...start, length: text.length - start.offset })
    return text
  }

  function opened(tag: string, attributes: string): Open {
    if (!known.includes(tag)) throw fault(`unsupported start tag "${tag}"`)
    const holders = open.map((one) => one.tag)
    const named = Object.fromEntries(
      [...attributes.matchAll(/([a-z-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    )
    const language = /^language-(.+)$/.exec(named.class ?? '')?.[1]
    const isLanguage = tag === 'code' && language !== undefined && holders.at(-1) === 'pre'
    if (!isLanguage && (holders.includes('pre') || holders.includes('code')))
      throw fault(`"${tag}" in code`)
    const coded = tag === 'pre' || tag === 'code'
    if (coded && !isLanguage && holders.some((one) => one !== 'blockquote'))
      throw fault(`code in "${holders.join(' ')}"`)
    if (['a', 'blockquote', 'pre'].includes(tag) && holders.includes(tag))
      throw fault(`"${tag}" in "${tag}"`)
    if (tag === 'a' && !named.href) throw fault('a link that leads nowhere')
    return {
      ...{ tag, offset: text.length },
      ...(tag === 'a' && named.href ? { url: decodedAll(named.href) } : {}),
      ...(isLanguage ? { language } : {}),
    }
  }
}

function decodedAll(text: string): string {
  return text.replace(/&(#?\w+);/g, (_, name: string) => decoded(name))
}

function decoded(name: string): string {
  const number = /^#x([\da-f]+)$/i.exec(name)?.[1]
  if (number) return String.fromCodePoint(Number.parseInt(number, 16))
  if (/^#\d+$/.test(name)) return String.fromCodePoint(Number(name.slice(1)))
  const character = references[name]
  if (character === undefined) throw fault(`unknown reference "${name}"`)
  return character
}

function fault(what: string): Error {
  return new Error(`can't parse entities: ${what}`)
}
