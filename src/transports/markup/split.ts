import type { Code, Html, InlineCode, Nodes, Root, Text } from 'mdast'
import { renderPlain } from './plain.ts'

/**
 * Cuts a message into parts of which each `fits`, at the coarsest place that there is: between
 * blocks, items of a list, rows of a table, lines of code, words; between characters only in a word
 * that is itself too long. Every part is whole: what is cut inside a code block, a quotation or bold
 * text is one in both parts. A part that cannot be made to fit is left as it is, and so is what
 * remains after `most` cuts.
 */
export function split(
  tree: Root,
  fits: (part: Root) => boolean,
  most = Number.POSITIVE_INFINITY,
): readonly Root[] {
  const parts: Root[] = []
  let rest = tree
  while (parts.length < most && !fits(rest)) {
    const cut = divideRoot(rest, fits) ?? divideRoot(firstAsText(rest), fits)
    if (!cut) break
    parts.push(cut.head)
    rest = cut.tail
  }
  return [...parts, rest]
}

interface Cut<Node = Nodes> {
  readonly head: Node
  readonly tail: Node
}

/** What holds text itself. */
type Leaf = Text | Code | Html | InlineCode

function divideRoot(root: Root, fits: (part: Root) => boolean): Cut<Root> | undefined {
  return divide(root, (head) => fits(head as Root), true) as Cut<Root> | undefined
}

/**
 * Cuts off the largest head that fits. With `alone` nothing stands before the node in its part, so
 * that what should stay whole must be cut.
 */
function divide(node: Nodes, fits: (head: Nodes) => boolean, alone: boolean): Cut | undefined {
  if (node.type === 'text' || node.type === 'code' || node.type === 'html')
    return divideValue(node, fits, alone)
  if (node.type === 'inlineCode') return alone ? divideValue(node, fits, true) : undefined
  if (!('children' in node) || (node.type === 'link' && !alone)) return undefined
  return divideChildren(node, node.children, fits, alone)
}

function divideChildren(
  node: Nodes,
  children: readonly Nodes[],
  fits: (head: Nodes) => boolean,
  alone: boolean,
): Cut | undefined {
  // The columns' names are repeated above the rows that follow.
  const repeated = node.type === 'table' ? 1 : 0
  const whole = largest(children.length, (count) =>
    fits(withChildren(node, children.slice(0, count))),
  )
  const head = children.slice(0, whole)
  const next = children[whole]
  // Words are filled up to the last column, blocks are not torn where they can be kept whole.
  if (next && (head.length === 0 || isPhrasing(next))) {
    const inner = divide(
      next,
      (part) => fits(withChildren(node, [...head, part])),
      alone && whole === 0,
    )
    if (inner)
      return {
        head: withChildren(node, [...head, inner.head]),
        tail: withChildren(node, [inner.tail, ...children.slice(whole + 1)]),
      }
  }
  if (whole <= repeated) return undefined
  const tail = [...children.slice(0, repeated), ...children.slice(whole)]
  return { head: withChildren(node, head), tail: continued(withChildren(node, tail), whole) }
}

function divideValue(node: Leaf, fits: (head: Nodes) => boolean, alone: boolean): Cut | undefined {
  const cut = (atoms: readonly string[]): Cut | undefined => {
    const joined = (from: number, to?: number) => atoms.slice(from, to).join('')
    const leaf = (value: string): Leaf => ({ ...node, value })
    const count = largest(atoms.length, (count) => fits(leaf(joined(0, count))))
    if (count === 0) return undefined
    const [head, tail] = [joined(0, count), joined(count)]
    // The line feed or the space at which it was cut is no part of either.
    return node.type === 'code'
      ? { head: leaf(head.replace(/\n$/, '')), tail: leaf(tail) }
      : { head: leaf(head), tail: leaf(tail.trimStart()) }
  }
  const words = () => cut(node.value.match(/\s*\S+/g) ?? [])
  const whole = node.type === 'code' ? cut(node.value.match(/[^\n]*\n|[^\n]+$/g) ?? []) : words()
  return whole ?? (alone ? (words() ?? cut(charactersOf(node.value))) : undefined)
}

/** The largest count up to `most` that fits, where every smaller one fits too. */
function largest(most: number, fits: (count: number) => boolean): number {
  let [low, high] = [0, most]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle - 1
  }
  return low
}

function isPhrasing({ type }: Nodes): boolean {
  return ['text', 'strong', 'emphasis', 'delete', 'link', 'inlineCode'].includes(type)
}

function withChildren(node: Nodes, children: readonly Nodes[]): Nodes {
  return { ...node, children } as Nodes
}

/** A numbered list goes on with the next number. */
function continued(node: Nodes, items: number): Nodes {
  return node.type === 'list' && node.ordered ? { ...node, start: (node.start ?? 1) + items } : node
}

/** What cannot be cut as it is, a row of a table for instance, can be cut as text. */
function firstAsText({ children: [first, ...further], ...root }: Root): Root {
  if (!first) return { ...root, children: [] }
  const value = renderPlain({ type: 'root', children: [first] })
  return {
    ...root,
    children: [{ type: 'paragraph', children: [{ type: 'text', value }] }, ...further],
  }
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

function charactersOf(text: string): readonly string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}
